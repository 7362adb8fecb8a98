using System.Xml;

namespace Interop
{
    public partial class Services : IDocuments
    {
        public XmlElement EchoElement(XmlElement value) { return value; }

        public XmlNode[] EchoNodes(XmlNode[] value) { return value; }

        public Written EchoWritten(Written value) { return value; }

        public Envelope EchoEnvelope(Envelope value) { return value; }
    }
}
