using System;
using System.IO;

namespace Interop
{
    /// <summary>Bytes that count up from 0, made as they are read: no more than 1000 at once.</summary>
    public sealed class Bytes : Stream
    {
        private readonly int length;
        private int position;

        public Bytes(int length) { this.length = length; }

        public override bool CanRead { get { return true; } }

        public override bool CanSeek { get { return false; } }

        public override bool CanWrite { get { return false; } }

        public override long Length { get { throw new NotSupportedException(); } }

        public override long Position
        {
            get { throw new NotSupportedException(); }
            set { throw new NotSupportedException(); }
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = Math.Min(Math.Min(count, 1000), length - position);
            for (int i = 0; i < read; i++) buffer[offset + i] = (byte)(position++);
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) { throw new NotSupportedException(); }

        public override void SetLength(long value) { throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) { throw new NotSupportedException(); }

        /// <summary>The sum of all bytes that are left.</summary>
        public static long Sum(Stream data)
        {
            long sum = 0;
            var buffer = new byte[4096];
            for (int read; (read = data.Read(buffer, 0, buffer.Length)) > 0;)
            {
                for (int i = 0; i < read; i++) sum += buffer[i];
            }
            return sum;
        }
    }
}
