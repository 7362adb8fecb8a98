using System.Linq;
using System.Xml;

namespace Interop
{
    /// <summary>XML as it comes: what the service has to give back as it was.</summary>
    public static class Documents
    {
        private const string Plain = "<a b=\"1\"><c />t</a>";
        private const string Qualified =
            "<p:a xmlns:p=\"urn:p\" p:b=\"&lt;1&gt;\" xmlns=\"urn:d\"><b xmlns=\"\" /><c>é→</c><!-- n --><p:c xmlns:p=\"urn:q\" /></p:a>";

        public static void Run(Channels channels)
        {
            IDocuments documents = channels.Documents();
#if NETCOREAPP
            Report.Check("XElement", delegate
            {
                return new[] { Plain, Qualified }.All(text =>
                    IsSame(Parse(documents.EchoX(System.Xml.Linq.XElement.Parse(text)).ToString()), text));
            });
            Report.Check("XElement-null", delegate { return documents.EchoX(null) == null; });
#endif
            Report.Check("XmlElement", delegate
            {
                return new[] { Plain, Qualified }.All(text => IsSame(documents.EchoElement(Parse(text)), text));
            });
            Report.Check("XmlElement-null", delegate { return documents.EchoElement(null) == null; });
            Report.Check("XmlNode[]", delegate
            {
                XmlElement inside = Parse("<r>x<a b=\"1\"/>y<c/></r>");
                XmlNode[] got = documents.EchoNodes(inside.ChildNodes.Cast<XmlNode>().ToArray());
                return string.Concat(got.Select(node => node.NodeType == XmlNodeType.Text ? node.Value : node.LocalName)) == "xayc"
                    && got[1].Attributes["b"].Value == "1";
            });
            Report.Check("IXmlSerializable", delegate
            {
                Written got = documents.EchoWritten(new Written { Text = " é\n<>", Kind = "k\"" });
                return got.Text == " é\n<>" && got.Kind == "k\"";
            });
            Report.Check("members", delegate
            {
                Envelope got = documents.EchoEnvelope(new Envelope { Id = 7, Content = Parse(Qualified), Other = Parse(Plain) });
                Envelope bare = documents.EchoEnvelope(new Envelope());
                return got.Id == 7 && IsSame(got.Content, Qualified) && IsSame(got.Other, Plain)
                    && bare.Content == null && bare.Other == null;
            });
            Report.Check("close", delegate { Channels.Close(documents); return true; });
        }

        /// <summary>Names and texts are the same; where namespaces are declared is of no account.</summary>
        private static bool IsSame(XmlElement got, string due) { return Text(got) == Text(Parse(due)); }

        private static string Text(XmlNode node)
        {
            if (node.NodeType != XmlNodeType.Element) return node.OuterXml;
            var attributes = node.Attributes.Cast<XmlAttribute>().Where(each => each.Prefix != "xmlns" && each.Name != "xmlns");
            return "<{" + node.NamespaceURI + "}" + node.LocalName
                + string.Concat(attributes.Select(each => " {" + each.NamespaceURI + "}" + each.LocalName + "=" + each.Value).ToArray())
                + ">" + string.Concat(node.ChildNodes.Cast<XmlNode>().Select(Text).ToArray()) + "</>";
        }

        private static XmlElement Parse(string text)
        {
            var document = new XmlDocument();
            document.LoadXml(text);
            return document.DocumentElement;
        }
    }
}
