// What CoreWCF answers, by its captures.
using System;
using System.Globalization;
using System.IO;
using System.ServiceModel;
using System.ServiceModel.Channels;
using System.Threading;
using System.Xml;

namespace Interop
{
    public static class Answers
    {
        const string Trust = "http://schemas.xmlsoap.org/ws/2005/02/trust";
        const string Conversation = "http://schemas.xmlsoap.org/ws/2005/02/sc";
        const string Security = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
        const string Utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
        const string Calculator = "http://Microsoft.Samples.PortSharing";

        public static Message To(Message request, ref int left)
        {
            XmlDocument message = Whole(request);
            string action = request.Headers.Action;
            if (action == Trust + "/RST/SCT") return Issue(request, message);
            Token token = Tokens.Of(message);
            if (token == null)
            {
                Console.WriteLine("bad token");
                return Refusal(request, "BadContextToken", Conversation, "The security context token is expired or is not valid. The message was not processed.");
            }
            if (action == Trust + "/RST/SCT/Cancel")
            {
                Tokens.Known.TryRemove(token.Identifier, out _);
                Console.WriteLine("cancelled by " + token.User);
                return Reply(request, Trust + "/RSTR/SCT/Cancel", "<t:RequestSecurityTokenResponse xmlns:t='" + Trust + "'><t:RequestedTokenCancelled/></t:RequestSecurityTokenResponse>");
            }
            string name = action.Substring(action.LastIndexOf('/') + 1);
            double n1 = XmlConvert.ToDouble(Tokens.Text(message, "//*[local-name()='n1']"));
            double n2 = XmlConvert.ToDouble(Tokens.Text(message, "//*[local-name()='n2']"));
            double result = name switch { "Add" => n1 + n2, "Subtract" => n1 - n2, "Multiply" => n1 * n2, _ => n1 / n2 };
            Console.WriteLine(name + " by " + token.User);
            if (Interlocked.Decrement(ref left) == 0) Tokens.Known.Clear();
            return Reply(request, action + "Response", "<" + name + "Response xmlns='" + Calculator + "'><" + name + "Result>" + XmlConvert.ToString(result) + "</" + name + "Result></" + name + "Response>");
        }

        static Message Issue(Message request, XmlDocument message)
        {
            string user = Tokens.Text(message, "//*[local-name()='Username']");
            string entropy = Tokens.Text(message, "//*[local-name()='Entropy']/*[local-name()='BinarySecret']");
            if (user != "dave" || Tokens.Text(message, "//*[local-name()='Password']") != "secret-dave")
            {
                Console.WriteLine("refused " + user);
                return Refusal(request, "FailedAuthentication", Security, "At least one security token in the message could not be validated.");
            }
            var token = new Token { User = user };
            token.MakeKey(Convert.FromBase64String(entropy));
            Tokens.Known[token.Identifier] = token;
            Console.WriteLine("issued to " + user);
            string id = "uuid-" + Guid.NewGuid();
            string reference = "<o:SecurityTokenReference xmlns:o='" + Security + "'><o:Reference URI='";
            return Reply(request, Trust + "/RSTR/SCT", "<t:RequestSecurityTokenResponse xmlns:t='" + Trust + "' xmlns:u='" + Utility + "'>"
                + "<t:TokenType>" + Conversation + "/sct</t:TokenType>"
                + "<t:RequestedSecurityToken><c:SecurityContextToken u:Id='" + id + "-4' xmlns:c='" + Conversation + "'><c:Identifier>" + token.Identifier + "</c:Identifier></c:SecurityContextToken></t:RequestedSecurityToken>"
                + "<t:RequestedAttachedReference>" + reference + "#" + id + "-4'/></o:SecurityTokenReference></t:RequestedAttachedReference>"
                + "<t:RequestedUnattachedReference>" + reference + token.Identifier + "' ValueType='" + Conversation + "/sct'/></o:SecurityTokenReference></t:RequestedUnattachedReference>"
                + "<t:RequestedProofToken><t:ComputedKey>" + Trust + "/CK/PSHA1</t:ComputedKey></t:RequestedProofToken>"
                + "<t:Entropy><t:BinarySecret u:Id='" + id + "-5' Type='" + Trust + "/Nonce'>" + Convert.ToBase64String(token.Entropy) + "</t:BinarySecret></t:Entropy>"
                + "<t:Lifetime>" + Times(TimeSpan.FromHours(15)) + "</t:Lifetime><t:KeySize>256</t:KeySize></t:RequestSecurityTokenResponse>");
        }

        static Message Reply(Message request, string action, string body)
        {
            Message reply = Message.CreateMessage(MessageVersion.Soap12WSAddressing10, action, XmlReader.Create(new StringReader(body)));
            reply.Headers.Add(new SecurityHeader());
            return Addressed(request, reply);
        }

        /// <summary>A fault that is not secured: nobody is known whom it could be for.</summary>
        static Message Refusal(Message request, string code, string ns, string reason)
        {
            string fault = "<s:Fault xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Code><s:Value>s:Sender</s:Value>"
                + "<s:Subcode><s:Value xmlns:a='" + ns + "'>a:" + code + "</s:Value></s:Subcode></s:Code>"
                + "<s:Reason><s:Text xml:lang='en-US'>" + reason + "</s:Text></s:Reason></s:Fault>";
            return Addressed(request, Message.CreateMessage(MessageVersion.Soap12WSAddressing10, "http://www.w3.org/2005/08/addressing/soap/fault", XmlReader.Create(new StringReader(fault))));
        }

        static Message Addressed(Message request, Message reply)
        {
            reply.Headers.RelatesTo = request.Headers.MessageId;
            reply.Headers.To = EndpointAddress.AnonymousUri;
            return reply;
        }

        static XmlDocument Whole(Message message)
        {
            var text = new StringWriter();
            using (XmlWriter writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true }))
                message.WriteMessage(writer);
            var document = new XmlDocument { PreserveWhitespace = true };
            document.LoadXml(text.ToString());
            return document;
        }

        static string Times(TimeSpan life)
        {
            DateTime now = DateTime.UtcNow;
            return "<u:Created>" + Time(now) + "</u:Created><u:Expires>" + Time(now + life) + "</u:Expires>";
        }

        static string Time(DateTime time) { return time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture); }

        sealed class SecurityHeader : MessageHeader
        {
            public override string Name { get { return "Security"; } }
            public override string Namespace { get { return Answers.Security; } }
            public override bool MustUnderstand { get { return true; } }

            protected override void OnWriteStartHeader(XmlDictionaryWriter writer, MessageVersion version)
            {
                writer.WriteStartElement("o", Name, Namespace);
                WriteHeaderAttributes(writer, version);
            }

            protected override void OnWriteHeaderContents(XmlDictionaryWriter writer, MessageVersion version)
            {
                string timestamp = "<u:Timestamp u:Id='_0' xmlns:u='" + Utility + "'>" + Times(TimeSpan.FromMinutes(5)) + "</u:Timestamp>";
                using (XmlReader reader = XmlReader.Create(new StringReader(timestamp))) writer.WriteNode(reader, false);
            }
        }
    }
}
