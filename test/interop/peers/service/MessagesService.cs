using System.IO;

namespace Interop
{
    public partial class Services : IMessages
    {
        public UploadReply Upload(UploadRequest request)
        {
            string owner = request.Owner == null ? "nobody" : request.Owner.Name;
            string other = request.Other == null ? "nobody" : request.Other.Name;
            string tags = request.Tags == null ? "none" : string.Join("+", request.Tags);
            return new UploadReply
            {
                Id = request.FileName + "/" + owner + "/" + other + "/" + tags,
                Ok = request.Text != null && request.Text.Length == request.Size,
            };
        }

        public BareMessage Bare(BareMessage request) { return request; }

        public HeadersOnly Touch(HeadersOnly request) { return new HeadersOnly { Number = request.Number + 1 }; }

        public BareStream Carry(BareStream request) { return new BareStream { Name = request.Name, Data = Copy(request.Data) }; }

        public WrappedStream Wrap(WrappedStream request) { return new WrappedStream { Name = request.Name, Data = Copy(request.Data) }; }

        public Tagged Tag(Tagged request) { return request; }

        static Stream Copy(Stream stream)
        {
            MemoryStream copy = new MemoryStream();
            stream.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }

        public void Tell(UploadRequest request) { lastNote = request.FileName; }
    }
}
