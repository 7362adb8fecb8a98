using System;
using System.ServiceModel;
using System.Xml.Schema;
using System.Xml.Serialization;

namespace Interop.ByXml
{
    /// <summary>Bodies as XmlSerializer writes them.</summary>
    [ServiceContract(Namespace = Names.Persons)]
    [XmlSerializerFormat]
    public interface IPersons
    {
        // Mono heeds the attribute of an operation alone.
        [OperationContract, XmlSerializerFormat]
        Person EchoPerson(Person person);

        [OperationContract, XmlSerializerFormat]
        Odds EchoOdds(Odds odds);

        [OperationContract, XmlSerializerFormat]
        Figure[] EchoFigures(Figure[] figures);

        [OperationContract, XmlSerializerFormat]
        string EchoText(string text);

        [OperationContract, XmlSerializerFormat]
        int? EchoNumber(int? number);

        [OperationContract, XmlSerializerFormat]
        bool Split(string text, out string[] words, ref Rights rights);

        [OperationContract, XmlSerializerFormat]
        [FaultContract(typeof(Problem))]
        void Fail(int number);

        [OperationContract, XmlSerializerFormat]
        Letter Send(Letter letter);

        // One operation may differ from its contract.
        [OperationContract, DataContractFormat]
        Pair Plain(Pair pair);
    }

    [XmlType(Namespace = "urn:person")]
    public class Person
    {
        [XmlAttribute] public int Id;
        [XmlAttribute("nick", Namespace = "urn:nick")] public string Nick;
        [XmlAttribute] public Rights Rights;
        public string Name;
        [XmlArray("Telephones"), XmlArrayItem("Phone")] public string[] Phones;
        [XmlElement("Mail")] public string[] Mails;
        public Status Status;
        [XmlElement(IsNullable = true)] public string Note;
        [XmlElement(Namespace = "urn:other")] public string Other;
        [XmlElement(Form = XmlSchemaForm.Unqualified)] public string Bare;
        public int? Age;
        public int Weight;
        [XmlIgnore] public bool WeightSpecified;
        public Label[] Labels;
        public Person Boss;
    }

    public class Label
    {
        [XmlAttribute] public string Language;
        [XmlText] public string Text;
    }

    public enum Status { New, [XmlEnum("paid-up")] Paid, Sent }

    [Flags]
    public enum Rights { None = 0, Read = 1, Write = 2, Change = 3, Admin = 4 }

    [XmlInclude(typeof(Circle)), XmlInclude(typeof(Square))]
    public abstract class Figure { public string Name; }

    public class Circle : Figure { public double Radius; }

    public class Square : Figure { [XmlAttribute] public int Side; public string Color; }

    public class Odds
    {
        [XmlAttribute] public byte[] Raw;
        [XmlAttribute] public int[] List;
        [XmlAttribute] public double Ratio;
        public bool Bool;
        public sbyte SByte;
        public byte Byte;
        public short Short;
        public ushort UShort;
        public int Int;
        public uint UInt;
        public long Long;
        public ulong ULong;
        public float Float;
        public double Double;
        public decimal Decimal;
        public DateTime When;
        public Guid Guid;
        public byte[] Bytes;
        public char Char;
        public int[] Ints;
        public double?[] Doubles;
        public int[][] Jagged;
        public object[] Things;
    }

    [MessageContract(WrapperName = "Letter", WrapperNamespace = "urn:letter")]
    public class Letter
    {
        [MessageHeader] public string Sender;
        [MessageBodyMember(Order = 1)] public Label Subject;
        [MessageBodyMember(Order = 2), XmlElement("Line")] public string[] Lines;
    }
}
