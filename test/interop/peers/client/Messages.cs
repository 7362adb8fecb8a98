using System.IO;
using System.Linq;
using System.Threading;

namespace Interop
{
    /// <summary>Message contracts: wrapped, bare, with headers.</summary>
    public static class Messages
    {
        public static void Run(Channels channels, bool isPlain)
        {
            IMessages messages = channels.Messages();
            Report.Check("wrapped", delegate
            {
                UploadReply got = messages.Upload(new UploadRequest
                {
                    FileName = "f", Owner = new Customer { Id = 1, Name = "Ann" }, Tags = new[] { "a", "b" }, Size = 3, Text = "é→\n",
                    Other = new Customer { Id = 2, Name = "Bob" },
                });
                return got.Id == "f/Ann/Bob/a+b" && got.Ok;
            });
            Report.Check("null", delegate
            {
                UploadReply got = messages.Upload(new UploadRequest { FileName = "g", Size = 1 });
                return got.Id == "g/nobody/nobody/none" && !got.Ok;
            });
            Report.Check("bare", delegate
            {
                BareMessage got = messages.Bare(new BareMessage { Customer = new Customer { Id = 7, Name = "Ann" }, Numbers = new[] { 1, -1 } });
                return got.Customer.Id == 7 && got.Customer.Name == "Ann" && got.Numbers.SequenceEqual(new[] { 1, -1 });
            });
            Report.Check("bare-null", delegate
            {
                BareMessage got = messages.Bare(new BareMessage());
                return got.Customer == null && got.Numbers == null;
            });
            if (!isPlain) Report.Check("headers-only", delegate { return messages.Touch(new HeadersOnly { Number = 41 }).Number == 42; });
            foreach (int size in new[] { 0, 3, 4000 })
            {
                byte[] sent = Enumerable.Range(0, size).Select(delegate(int at) { return (byte)at; }).ToArray();
                Report.Check("stream-bare-" + size, delegate
                {
                    BareStream got = messages.Carry(new BareStream { Name = "é", Data = new MemoryStream(sent) });
                    return got.Name == "é" && Octets(got.Data).SequenceEqual(sent);
                });
                Report.Check("stream-wrapped-" + size, delegate
                {
                    WrappedStream got = messages.Wrap(new WrappedStream { Name = "é", Data = new MemoryStream(sent) });
                    return got.Name == "é" && Octets(got.Data).SequenceEqual(sent);
                });
            }
            if (!isPlain) Report.Check("header-array", delegate
            {
                Tagged got = messages.Tag(new Tagged { Tags = new[] { "a", "", "é" }, Numbers = new[] { 7, -1 }, Size = 3 });
                return got.Tags.SequenceEqual(new[] { "a", "", "é" }) && got.Numbers.SequenceEqual(new[] { 7, -1 }) && got.Size == 3;
            });
            if (!isPlain) Report.Check("header-array-none", delegate
            {
                Tagged got = messages.Tag(new Tagged { Size = 1 });
                return (got.Tags == null || got.Tags.Length == 0) && (got.Numbers == null || got.Numbers.Length == 0) && got.Size == 1;
            });
            Report.Check("oneway", delegate
            {
                IEcho echo = channels.Echo();
                messages.Tell(new UploadRequest { FileName = "told" });
                for (int tries = 0; tries < 200 && echo.LastNote() != "told"; tries++) Thread.Sleep(20);
                bool isTold = echo.LastNote() == "told";
                Channels.Close(echo);
                return isTold;
            });
            Report.Check("close", delegate { Channels.Close(messages); return true; });
        }

        static byte[] Octets(Stream stream)
        {
            MemoryStream copy = new MemoryStream();
            stream.CopyTo(copy);
            stream.Dispose();
            return copy.ToArray();
        }
    }
}
