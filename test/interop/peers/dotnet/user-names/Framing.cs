// Records of [MC-NMF], as a service reads and writes them.
using System.IO;
using System.Text;

namespace Interop
{
    public sealed class Framing
    {
        public const byte Unsized = 0x05, Sized = 0x06, End = 0x07, UpgradeResponse = 0x0a, PreambleAck = 0x0b, PreambleEnd = 0x0c;

        readonly Stream stream;

        public Framing(Stream stream) { this.stream = stream; }

        /// <summary>The next record's type; -1 where the connection ends.</summary>
        public int Type() { return stream.ReadByte(); }

        public void Mark(byte type) { stream.WriteByte(type); }

        /// <summary>What follows the type of the version record, up to the request for TLS. Returns the encoding.</summary>
        public int Preamble()
        {
            stream.ReadExactly(new byte[2]);
            for (int encoding = -1; ;)
            {
                switch (stream.ReadByte())
                {
                    case 0x01: stream.ReadByte(); break;
                    case 0x02: Bytes(); break;
                    case 0x03: encoding = stream.ReadByte(); break;
                    case 0x09:
                        if (Encoding.UTF8.GetString(Bytes()) == "application/ssl-tls") return encoding;
                        throw new InvalidDataException("another upgrade");
                    default: throw new InvalidDataException("no request for TLS");
                }
            }
        }

        /// <summary>What follows the type of an envelope: all of it.</summary>
        public byte[] Envelope(int type)
        {
            if (type == Sized) return Bytes();
            var whole = new MemoryStream();
            for (byte[] chunk = Bytes(); chunk.Length > 0; chunk = Bytes()) whole.Write(chunk);
            return whole.ToArray();
        }

        public void Write(int type, byte[] envelope, int length)
        {
            var record = new MemoryStream();
            record.WriteByte((byte)type);
            for (int rest = length; ; rest >>= 7)
            {
                record.WriteByte((byte)(rest < 0x80 ? rest : rest & 0x7f | 0x80));
                if (rest < 0x80) break;
            }
            record.Write(envelope, 0, length);
            if (type == Unsized) record.WriteByte(0);
            stream.Write(record.ToArray());
        }

        byte[] Bytes()
        {
            int size = 0;
            for (int shift = 0; ; shift += 7)
            {
                int next = stream.ReadByte();
                if (next < 0) throw new EndOfStreamException();
                size |= (next & 0x7f) << shift;
                if (next < 0x80) break;
            }
            byte[] bytes = new byte[size];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }
}
