// .NET's NegotiateStream over TCP: what WCF puts after application/negotiate.
//
//   client PORT SPN LEVEL [USER PASSWORD DOMAIN]   sends several sizes, which the service sends back
//   server LEVEL                                   says its port, sends back what one client sends
//   subject CERTIFICATE                            says what .NET calls the subject of a PEM or DER file
//
// LEVEL is Sign or EncryptAndSign. Says what happened as one line of JSON.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Security.Principal;
using System.Text.Json;

int[] sizes = [1, 15, 16, 17, 1000, 64512, 100000];
try
{
    if (args[0] == "client")
    {
        using TcpClient tcp = new("127.0.0.1", int.Parse(args[1])) { NoDelay = true };
        using NegotiateStream stream = new(tcp.GetStream());
        NetworkCredential credential = args.Length > 4
            ? new(args[4], args[5], args[6])
            : CredentialCache.DefaultNetworkCredentials;
        ProtectionLevel level = Enum.Parse<ProtectionLevel>(args[3]);
        await stream.AuthenticateAsClientAsync(credential, args[2], level, TokenImpersonationLevel.Identification);
        foreach (int size in sizes)
        {
            byte[] data = new byte[size];
            for (int index = 0; index < size; index++) data[index] = (byte)(index * 7);
            await stream.WriteAsync(data);
            byte[] back = new byte[size];
            await stream.ReadExactlyAsync(back);
            if (!back.AsSpan().SequenceEqual(data)) throw new InvalidDataException($"{size} bytes came back changed");
        }
        Say(new
        {
            ok = true,
            stream.IsEncrypted,
            stream.IsSigned,
            stream.IsMutuallyAuthenticated,
            protocol = stream.RemoteIdentity.AuthenticationType,
        });
        return 0;
    }
    if (args[0] == "subject")
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificateFromFile(args[1]);
        Say(new { ok = true, name = $"{certificate.Subject}; {certificate.Thumbprint}" });
        return 0;
    }
    TcpListener listener = new(IPAddress.Loopback, 0);
    listener.Start();
    Say(new { port = ((IPEndPoint)listener.LocalEndpoint).Port });
    using TcpClient accepted = await listener.AcceptTcpClientAsync();
    accepted.NoDelay = true;
    using NegotiateStream served = new(accepted.GetStream());
    await served.AuthenticateAsServerAsync(
        CredentialCache.DefaultNetworkCredentials,
        Enum.Parse<ProtectionLevel>(args[1]),
        TokenImpersonationLevel.Identification);
    byte[] buffer = new byte[70000];
    for (int count; (count = await served.ReadAsync(buffer)) > 0;) await served.WriteAsync(buffer.AsMemory(0, count));
    Say(new { ok = true, name = served.RemoteIdentity.Name, protocol = served.RemoteIdentity.AuthenticationType });
    return 0;
}
catch (Exception exception) when (exception is AuthenticationException or IOException or InvalidDataException)
{
    Say(new { ok = false, error = $"{exception.GetType().Name}: {exception.Message}", inner = exception.InnerException?.Message });
    return 1;
}

static void Say(object what) => Console.WriteLine(JsonSerializer.Serialize(what));
