// A calculator with user names (TransportWithMessageCredential), made of what .NET has: SslStream, WCF's encoder and
// XML signatures. What it answers is what captures of CoreWCF have.
//
//   user-names CERTIFICATE KEY [--forget COUNT]
//
// The one user is dave, his password secret-dave. Prints its port, and a line for each token and call. With --forget all tokens
// are forgotten after so many calls.
using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;
using Interop;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
X509Certificate2 own = Trust.Load(args[0], args[1]);
int left = args.Length > 3 ? int.Parse(args[3]) : int.MaxValue;
var encoders = new BinaryMessageEncodingBindingElement().CreateMessageEncoderFactory();
var buffers = BufferManager.CreateBufferManager(0, 1 << 20);
var listener = new TcpListener(IPAddress.Loopback, 0);
listener.Start();
Console.WriteLine(((IPEndPoint)listener.LocalEndpoint).Port);
for (;;)
{
    TcpClient socket = await listener.AcceptTcpClientAsync();
    _ = Task.Factory.StartNew(() => Connection(socket), TaskCreationOptions.LongRunning);
}

void Connection(TcpClient socket)
{
    using (socket)
    {
        try
        {
            Stream clear = socket.GetStream();
            var framing = new Framing(clear);
            while (framing.Type() == 0x00) Session(clear, framing);
        }
        catch (Exception error) when (error is IOException or AuthenticationException or InvalidDataException) { Console.WriteLine("connection: " + error.Message); }
        catch (Exception error) { Console.WriteLine("mistake: " + error); }
    }
}

void Session(Stream clear, Framing preamble)
{
    int encoding = preamble.Preamble();
    preamble.Mark(Framing.UpgradeResponse);
    var secure = new SslStream(clear, true);
    secure.AuthenticateAsServer(own);
    var framing = new Framing(secure);
    if (framing.Type() != Framing.PreambleEnd) throw new InvalidDataException("no end of the preamble");
    framing.Mark(Framing.PreambleAck);
    MessageEncoder encoder = encoding == 8 ? encoders.CreateSessionEncoder() : encoders.Encoder;
    bool hasEnded = false;
    for (int type = framing.Type(); type == Framing.Sized || type == Framing.Unsized; type = framing.Type())
    {
        byte[] envelope = framing.Envelope(type);
        byte[] buffer = buffers.TakeBuffer(envelope.Length);
        envelope.CopyTo(buffer, 0);
        Message request = encoder.ReadMessage(new ArraySegment<byte>(buffer, 0, envelope.Length), buffers, null);
        string action = request.Headers.Action;
        Message reply = Answers.To(request, ref left);
        ArraySegment<byte> written = encoder.WriteMessage(reply, int.MaxValue, buffers);
        framing.Write(type, written.ToArray(), written.Count);
        // As CoreWCF does.
        hasEnded = action.EndsWith("/Cancel", StringComparison.Ordinal);
        if (hasEnded) framing.Mark(Framing.End);
    }
    if (!hasEnded) framing.Mark(Framing.End);
}
