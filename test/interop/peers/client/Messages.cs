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
    }
}
