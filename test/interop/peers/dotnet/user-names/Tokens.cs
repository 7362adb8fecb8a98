// Tokens of WS-SecureConversation, as CoreWCF issues them, and the signatures that are made with them.
using System;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace Interop
{
    public sealed class Token
    {
        public string Identifier = "urn:uuid:" + Guid.NewGuid();
        public string User;
        public byte[] Entropy = RandomNumberGenerator.GetBytes(32);
        public byte[] Key;

        /// <summary>P_SHA-1 of both entropies: RFC 2246, 5.</summary>
        public void MakeKey(byte[] ofClient)
        {
            Key = new byte[32];
            byte[] chained = Entropy;
            for (int made = 0; made < Key.Length; made += 20)
            {
                chained = HMACSHA1.HashData(ofClient, chained);
                byte[] input = new byte[chained.Length + Entropy.Length];
                chained.CopyTo(input, 0);
                Entropy.CopyTo(input, chained.Length);
                Array.Copy(HMACSHA1.HashData(ofClient, input), 0, Key, made, Math.Min(20, Key.Length - made));
            }
        }
    }

    public static class Tokens
    {
        const string Utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

        public static readonly ConcurrentDictionary<string, Token> Known = new ConcurrentDictionary<string, Token>();

        /// <summary>The token whose key has signed the message's timestamp; null if there is none.</summary>
        public static Token Of(XmlDocument message)
        {
            string identifier = Text(message, "//*[local-name()='SecurityContextToken']/*[local-name()='Identifier']");
            var signature = (XmlElement)message.SelectSingleNode("//*[local-name()='Signature']");
            if (identifier == null || signature == null || !Known.TryGetValue(identifier, out Token token)) return null;
            var signed = new Signed(message);
            signed.LoadXml(signature);
            bool isOfTimestamp = signed.SignedInfo.References.Count == 1
                && message.SelectSingleNode("//*[local-name()='Timestamp']/@*[local-name()='Id']").Value == ((Reference)signed.SignedInfo.References[0]).Uri.Substring(1);
            using (var mac = new HMACSHA1(token.Key)) return isOfTimestamp && signed.CheckSignature(mac) ? token : null;
        }

        public static string Text(XmlDocument message, string path)
        {
            XmlNode node = message.SelectSingleNode(path);
            return node == null ? null : node.InnerText;
        }

        sealed class Signed : SignedXml
        {
            public Signed(XmlDocument document) : base(document) { }

            public override XmlElement GetIdElement(XmlDocument document, string id)
            {
                var names = new XmlNamespaceManager(document.NameTable);
                names.AddNamespace("u", Utility);
                return (XmlElement)document.SelectSingleNode("//*[@u:Id='" + id + "']", names);
            }
        }
    }
}
