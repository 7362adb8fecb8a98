// A client of WCF with security: the sample's four calls, on as many channels as are asked for.
//
//   secured ADDRESS windows [--spn NAME] [--user NAME --password WORD [--domain NAME]] [--level LEVEL]
//                           [--streamed] [--channels COUNT]
//   secured ADDRESS username --ca PEM --user NAME --password WORD [--streamed] [--channels COUNT] [--at-once]
//                            [--factories COUNT] [--leave] [--pause MILLISECONDS]
//
// With --at-once all channels of a factory are open before one is closed; with --leave the factory closes them.
// With --pause each channel waits so long after its first call.
//
// Prints what the sample prints, or why not: the exceptions, one within the other, as a line of JSON.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.ServiceModel;
using System.Text.Json;
using System.Threading;
using Interop;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string address = args[0];
var options = new Dictionary<string, string>();
for (int at = 2; at < args.Length; at++)
{
    bool isAlone = at + 1 == args.Length || args[at + 1].StartsWith("--", StringComparison.Ordinal);
    options[args[at]] = isAlone ? "" : args[++at];
}
string Option(string name) { return options.TryGetValue(name, out string value) ? value : null; }

// As the sample has it: Transport security with Windows credentials.
var binding = new NetTcpBinding();
if (args[1] == "username")
{
    binding.Security.Mode = SecurityMode.TransportWithMessageCredential;
    binding.Security.Message.ClientCredentialType = MessageCredentialType.UserName;
}
else if (args[1] != "windows") throw new ArgumentException("no such security: " + args[1]);
if (Option("--level") != null) binding.Security.Transport.ProtectionLevel = Enum.Parse<ProtectionLevel>(Option("--level"));
if (Option("--streamed") != null) binding.TransferMode = TransferMode.Streamed;
binding.OpenTimeout = binding.SendTimeout = TimeSpan.FromSeconds(20);

var endpoint = Option("--spn") == null
    ? new EndpointAddress(address)
    : new EndpointAddress(new Uri(address), new SpnEndpointIdentity(Option("--spn")));
ChannelFactory<ICalculator> Factory()
{
    var made = new ChannelFactory<ICalculator>(binding, endpoint);
    if (args[1] == "username")
    {
        made.Credentials.UserName.UserName = Option("--user");
        made.Credentials.UserName.Password = Option("--password");
        made.Credentials.ServiceCertificate.SslCertificateAuthentication = new Trust(Option("--ca")).ForServices();
    }
    else if (Option("--user") != null)
    {
        var credential = new NetworkCredential(Option("--user"), Option("--password"), Option("--domain") ?? "");
        made.Credentials.Windows.ClientCredential = credential;
    }
    return made;
}
void Close(ICalculator proxy) { ((IClientChannel)proxy).Close(); }
try
{
    for (int factories = int.Parse(Option("--factories") ?? "1"); factories > 0; factories--)
    {
        var factory = Factory();
        var open = new List<ICalculator>();
        for (int channels = int.Parse(Option("--channels") ?? "1"); channels > 0; channels--)
        {
            ICalculator proxy = factory.CreateChannel();
            Console.WriteLine("Add({0},{1}) = {2}", 100.00D, 15.99D, proxy.Add(100.00D, 15.99D));
            if (Option("--pause") != null) Thread.Sleep(int.Parse(Option("--pause")));
            Console.WriteLine("Subtract({0},{1}) = {2}", 145.00D, 76.54D, proxy.Subtract(145.00D, 76.54D));
            Console.WriteLine("Multiply({0},{1}) = {2}", 9.00D, 81.25D, proxy.Multiply(9.00D, 81.25D));
            Console.WriteLine("Divide({0},{1}) = {2}", 22.00D, 7.00D, proxy.Divide(22.00D, 7.00D));
            if (Option("--at-once") != null) open.Add(proxy);
            else if (Option("--leave") == null) Close(proxy);
        }
        open.ForEach(Close);
        factory.Close();
    }
    return 0;
}
catch (Exception error) when (error is CommunicationException or TimeoutException or System.Security.Authentication.AuthenticationException or NotSupportedException or InvalidOperationException)
{
    var chain = new List<string>();
    for (Exception inner = error; inner != null; inner = inner.InnerException)
    {
        string number = inner is System.ComponentModel.Win32Exception win32 ? " 0x" + win32.NativeErrorCode.ToString("x8") : "";
        chain.Add(inner.GetType().Name + number + ": " + inner.Message);
    }
    Console.WriteLine(JsonSerializer.Serialize(chain));
    return 1;
}
