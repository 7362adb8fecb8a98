// TLS under net.tcp, from both sides of .NET; and its NegotiateStream there.
//
//   tls client ADDRESS [--protocols Tls12|Tls13|Tls12,Tls13] [--certificate PEM --key PEM] [--ca PEM] [--dns NAME]
//              [--mode None] [--channels COUNT] [--streamed]
//     WCF's client: the sample's Add on so many channels. Prints the results, or the exceptions as a line of JSON.
//   tls service CERTIFICATE KEY [--ca PEM] [--protocols …]
//     An SslStream after net.tcp framing: answers one request of MessagePack-RPC for each session. Prints its port,
//     and a line for each session or why there was none.
//   tls windows
//     The same with a NegotiateStream.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Security.Principal;
using System.ServiceModel;
using System.Text;
using System.Text.Json;
using Interop;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
string Option(string name) { int at = Array.IndexOf(args, name); return at < 0 ? null : at + 1 < args.Length ? args[at + 1] : ""; }
SslProtocols Protocols() { return Option("--protocols") == null ? SslProtocols.None : Enum.Parse<SslProtocols>(Option("--protocols").Replace(" ", "")); }
bool Chains(X509Certificate certificate) { return Option("--ca") == null || new Trust(Option("--ca")).Chains(certificate, ClientAuthentication); }

if (args[0] != "client")
{
    var own = args[0] == "service" ? Trust.Load(args[1], args[2]) : null;
    var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
    for (;;)
    {
        using (var socket = listener.AcceptTcpClient())
        {
            try { Serve(socket.GetStream(), own); }
            catch (Exception error) when (error is IOException or AuthenticationException or InvalidDataException) { Console.WriteLine("refused: " + error.Message); }
        }
    }
}

var binding = new NetTcpBinding(Option("--mode") == "None" ? SecurityMode.None : SecurityMode.Transport);
binding.Security.Transport.ClientCredentialType = Option("--certificate") == null ? TcpClientCredentialType.None : TcpClientCredentialType.Certificate;
if (Option("--protocols") != null) binding.Security.Transport.SslProtocols = Protocols();
if (Option("--streamed") != null) binding.TransferMode = TransferMode.Streamed;
binding.OpenTimeout = binding.SendTimeout = TimeSpan.FromSeconds(20);
var address = Option("--dns") == null
    ? new EndpointAddress(args[1])
    : new EndpointAddress(new Uri(args[1]), new DnsEndpointIdentity(Option("--dns")));
var factory = new ChannelFactory<ICalculator>(binding, address);
if (Option("--certificate") != null) factory.Credentials.ClientCertificate.Certificate = Trust.Load(Option("--certificate"), Option("--key"));
if (Option("--ca") != null)
    factory.Credentials.ServiceCertificate.SslCertificateAuthentication = new Trust(Option("--ca")).ForServices();
try
{
    for (int channels = int.Parse(Option("--channels") ?? "1"); channels > 0; channels--)
    {
        ICalculator proxy = factory.CreateChannel();
        Console.WriteLine("Add({0},{1}) = {2}", 100.00D, 15.99D, proxy.Add(100.00D, 15.99D));
        ((IClientChannel)proxy).Close();
    }
    factory.Close();
    return 0;
}
catch (Exception error) when (error is CommunicationException or TimeoutException or AuthenticationException or InvalidOperationException)
{
    var chain = new List<string>();
    for (Exception inner = error; inner != null; inner = inner.InnerException) chain.Add(inner.GetType().Name + ": " + inner.Message);
    Console.WriteLine(JsonSerializer.Serialize(chain));
    return 1;
}

// One connection: session after session, each with a preamble in the clear.
void Serve(Stream clear, X509Certificate2 own)
{
    for (int first = clear.ReadByte(); first >= 0; first = clear.ReadByte())
    {
        if (Preamble(clear) != (own == null ? "application/negotiate" : "application/ssl-tls")) throw new InvalidDataException("no request for this upgrade");
        clear.WriteByte(0x0a);
        var (secure, who) = own == null ? Negotiated(clear) : Encrypted(clear, own);
        if (secure.ReadByte() != 0x0c) throw new InvalidDataException("no end of the preamble");
        secure.WriteByte(0x0b);
        for (int type = secure.ReadByte(); type == 0x06; type = secure.ReadByte())
        {
            byte[] request = new byte[secure.ReadByte()];
            secure.ReadExactly(request);
            // [0, id, "Add", [100, 15.99]]: its id is one byte; the answer is [1, id, nil, 115.99].
            var answer = new List<byte> { 0x94, 0x01, request[2], 0xc0, 0xcb };
            answer.AddRange(BitConverter.GetBytes(115.99D).Reverse());
            secure.Write(new byte[] { 0x06, (byte)answer.Count }.Concat(answer).ToArray());
        }
        secure.WriteByte(0x07);
        Console.WriteLine("session over " + who);
    }
}

(Stream, string) Encrypted(Stream clear, X509Certificate2 own)
{
    var secure = new SslStream(clear, true, (sender, certificate, chain, errors) => Chains(certificate));
    secure.AuthenticateAsServer(own, Option("--ca") != null, Protocols(), false);
    return (secure, secure.SslProtocol + (secure.RemoteCertificate == null ? "" : " of " + secure.RemoteCertificate.Subject));
}

(Stream, string) Negotiated(Stream clear)
{
    var secure = new NegotiateStream(clear, true);
    secure.AuthenticateAsServer(CredentialCache.DefaultNetworkCredentials, ProtectionLevel.EncryptAndSign, TokenImpersonationLevel.Identification);
    return (secure, secure.RemoteIdentity.AuthenticationType + " of " + secure.RemoteIdentity.Name);
}

// Version, mode, via, encoding and the request for an upgrade. Returns what that names.
string Preamble(Stream clear)
{
    clear.ReadByte();
    clear.ReadByte();
    for (;;)
    {
        int type = clear.ReadByte();
        if (type == 0x01 || type == 0x03) clear.ReadByte();
        else if (type == 0x02 || type == 0x04 || type == 0x09)
        {
            byte[] text = new byte[clear.ReadByte()];
            clear.ReadExactly(text);
            if (type == 0x09) return Encoding.UTF8.GetString(text);
        }
        else return "";
    }
}
