using System;
using System.Collections.Generic;
using System.Runtime.Serialization;
using System.ServiceModel;

namespace Interop
{
    /// <summary>What a shop's contract is made of, for values at the edges.</summary>
    [ServiceContract(Name = "IEdges", Namespace = Names.Edges)]
    public interface IEdges
    {
        [OperationContract]
        Article EchoArticle(Article value);

        [OperationContract]
        Animal EchoAnimal(Animal value);

        [OperationContract]
        Zoo EchoZoo(Zoo value);

        [OperationContract]
        Tree EchoTree(Tree value);

        [OperationContract]
        Member EchoMember(Member value);

        [OperationContract]
        Keyed EchoKeyed(Keyed value);

        [OperationContract]
        Dictionary<string, Dictionary<int, string>> EchoNested(Dictionary<string, Dictionary<int, string>> value);

        [OperationContract]
        Status[] EchoStatuses(Status[] value);

        [OperationContract]
        Rights? EchoRightsOrNull(Rights? value);

        [OperationContract]
        Scalars EchoScalars(Scalars value);

        /// <summary>Twice the first, what both were, and their sum.</summary>
        [OperationContract]
        int Exchange(ref int first, ref string second, out int[] numbers);
    }

    [DataContract(Namespace = Names.Edges)]
    public class Article
    {
        [DataMember(Order = 1)] public int Id;
        [DataMember(Order = 2, IsRequired = true)] public string Name;
        [DataMember(Order = 3, EmitDefaultValue = false)] public int? Stock;
        [DataMember(Order = 4, EmitDefaultValue = false)] public bool Hidden;
        [DataMember(Order = 5)] public decimal? Price;
        [DataMember(Order = 6)] public string[] Labels;
        [DataMember(Order = 7, EmitDefaultValue = false)] public Customer Maker;
    }

    [DataContract(Namespace = Names.Edges)]
    [KnownType(typeof(Dog)), KnownType(typeof(Puppy)), KnownType(typeof(Cat))]
    public abstract class Animal
    {
        [DataMember] public string Name;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Dog : Animal
    {
        [DataMember] public int Age;
    }

    /// <summary>Two classes above it, and in a namespace of its own.</summary>
    [DataContract(Namespace = "http://example.org/puppies")]
    public class Puppy : Dog
    {
        [DataMember] public double Weight;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Cat : Animal
    {
    }

    [DataContract(Namespace = Names.Edges)]
    public class Zoo
    {
        [DataMember(Order = 1)] public Animal Star;
        [DataMember(Order = 2)] public Animal[] All;
        [DataMember(Order = 3)] public Dictionary<string, Animal> ByName;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Tree
    {
        [DataMember(Order = 1)] public int Value;
        [DataMember(Order = 2)] public Tree Left;
        [DataMember(Order = 3)] public List<Tree> More;
    }

    [DataContract(Namespace = Names.Edges, IsReference = true)]
    public class Member
    {
        [DataMember(Order = 1)] public string Name;
        [DataMember(Order = 2)] public Member Partner;
        [DataMember(Order = 3)] public Member[] Friends;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Keyed
    {
        [DataMember(Order = 1)] public Dictionary<int, string> ByInt;
        [DataMember(Order = 2)] public Dictionary<long, bool> ByLong;
        [DataMember(Order = 3)] public Dictionary<Guid, int> ByGuid;
        [DataMember(Order = 4)] public Dictionary<Status, double> ByStatus;
        [DataMember(Order = 5)] public Dictionary<bool, char> ByBool;
        [DataMember(Order = 6)] public Dictionary<decimal, Status> ByDecimal;
        [DataMember(Order = 7)] public Dictionary<string, Customer[]> Lists;
        [DataMember(Order = 8)] public Dictionary<DateTime, TimeSpan> ByTime;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Scalars
    {
        [DataMember(Order = 1)] public DateTimeOffset Offset;
        [DataMember(Order = 2)] public DateTimeOffset? OffsetOrNull;
        [DataMember(Order = 3)] public char Letter;
        [DataMember(Order = 4)] public Uri Link;
        [DataMember(Order = 5)] public Version Version;
        [DataMember(Order = 6)] public decimal Amount;
        [DataMember(Order = 7)] public decimal[] Amounts;
    }
}
