using System.Runtime.Serialization;
using System.ServiceModel;
using System.Xml;
using System.Xml.Schema;
using System.Xml.Serialization;

namespace Interop
{
    /// <summary>XML as it comes, in each of the forms that DataContractSerializer has for it.</summary>
    [ServiceContract(Namespace = Names.Documents)]
    public interface IDocuments
    {
#if NETCOREAPP
        // Debian has Mono's System.Xml.Linq in a package of its own.
        [OperationContract]
        System.Xml.Linq.XElement EchoX(System.Xml.Linq.XElement value);
#endif

        [OperationContract]
        XmlElement EchoElement(XmlElement value);

        [OperationContract]
        XmlNode[] EchoNodes(XmlNode[] value);

        [OperationContract]
        Written EchoWritten(Written value);

        [OperationContract]
        Envelope EchoEnvelope(Envelope value);
    }

    [DataContract(Namespace = Names.Documents)]
    public class Envelope
    {
        [DataMember(Order = 1)] public int Id;
        [DataMember(Order = 2)] public XmlElement Content;
        [DataMember(Order = 3)] public XmlElement Other;
    }

    /// <summary>A class that writes itself.</summary>
    public class Written : IXmlSerializable
    {
        public string Text;
        public string Kind;

        public XmlSchema GetSchema() { return null; }

        public void ReadXml(XmlReader reader)
        {
            reader.ReadStartElement();
            reader.MoveToContent();
            Kind = reader.GetAttribute("kind");
            Text = reader.ReadElementContentAsString();
            reader.ReadEndElement();
        }

        public void WriteXml(XmlWriter writer)
        {
            writer.WriteStartElement("w", "text", "urn:written");
            writer.WriteAttributeString("kind", Kind);
            writer.WriteString(Text);
            writer.WriteEndElement();
        }
    }
}
