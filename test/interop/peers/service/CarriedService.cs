using System.IO;
using System.ServiceModel;
using System.ServiceModel.Channels;

namespace Interop
{
    public partial class Services
    {
        public object EchoAny(object value) { return value; }

        public string TellHeaders()
        {
            MessageHeaders asked = OperationContext.Current.IncomingMessageHeaders;
            MessageHeaders answered = OperationContext.Current.OutgoingMessageHeaders;
            int who = asked.FindHeader("Who", Names.Echo);
            if (who >= 0) answered.Add(MessageHeader.CreateHeader("Who", Names.Echo, asked.GetHeader<Customer>(who)));
            int at = asked.FindHeader("Token", Names.Echo);
            string token = at < 0 ? null : asked.GetHeader<string>(at);
            answered.Add(MessageHeader.CreateHeader("Length", Names.Echo, token == null ? -1 : token.Length));
            return token;
        }

        public string Aside(string text) { return "aside: " + text; }

        public Stream Next(Stream data)
        {
            var all = new MemoryStream();
            for (int read; (read = data.ReadByte()) >= 0;) all.WriteByte((byte)(read + 1));
            all.Position = 0;
            return all;
        }

        public long Sum(Stream data) { return Bytes.Sum(data); }

        public Stream Counting(int length) { return new Bytes(length); }
    }
}
