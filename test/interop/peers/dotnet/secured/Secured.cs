// A client of WCF with security: the sample's four calls, on as many channels as are asked for.
//
//   secured ADDRESS windows [--spn NAME] [--user NAME --password WORD [--domain NAME]] [--level LEVEL]
//                           [--streamed] [--channels COUNT]
//
// Prints what the sample prints, or why not: the exceptions, one within the other, as a line of JSON.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.ServiceModel;
using System.Text.Json;
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
if (args[1] != "windows") throw new ArgumentException("no such security: " + args[1]);
if (Option("--level") != null) binding.Security.Transport.ProtectionLevel = Enum.Parse<ProtectionLevel>(Option("--level"));
if (Option("--streamed") != null) binding.TransferMode = TransferMode.Streamed;
binding.OpenTimeout = binding.SendTimeout = TimeSpan.FromSeconds(20);

var endpoint = Option("--spn") == null
    ? new EndpointAddress(address)
    : new EndpointAddress(new Uri(address), new SpnEndpointIdentity(Option("--spn")));
var factory = new ChannelFactory<ICalculator>(binding, endpoint);
if (Option("--user") != null)
{
    var credential = new NetworkCredential(Option("--user"), Option("--password"), Option("--domain") ?? "");
    factory.Credentials.Windows.ClientCredential = credential;
}
try
{
    for (int channels = int.Parse(Option("--channels") ?? "1"); channels > 0; channels--)
    {
        ICalculator proxy = factory.CreateChannel();
        Console.WriteLine("Add({0},{1}) = {2}", 100.00D, 15.99D, proxy.Add(100.00D, 15.99D));
        Console.WriteLine("Subtract({0},{1}) = {2}", 145.00D, 76.54D, proxy.Subtract(145.00D, 76.54D));
        Console.WriteLine("Multiply({0},{1}) = {2}", 9.00D, 81.25D, proxy.Multiply(9.00D, 81.25D));
        Console.WriteLine("Divide({0},{1}) = {2}", 22.00D, 7.00D, proxy.Divide(22.00D, 7.00D));
        ((IClientChannel)proxy).Close();
    }
    factory.Close();
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
