using System.Runtime.Serialization;
using System.ServiceModel;

namespace Interop
{
    /// <summary>The contract of another edition: what it sends, services do not know.</summary>
    [ServiceContract(Name = "IEdges", Namespace = Names.Edges)]
    public interface IRawEdges
    {
        [OperationContract]
        RawArticle EchoArticle(RawArticle value);

        [OperationContract]
        RawAnimal EchoAnimal(RawAnimal value);

        [OperationContract]
        RawStatus[] EchoStatuses(RawStatus[] value);

        [OperationContract]
        RawRights? EchoRightsOrNull(RawRights? value);
    }

    [DataContract(Name = "Status", Namespace = Names.Echo)]
    public enum RawStatus
    {
        [EnumMember] New,
        [EnumMember] Lost,
    }

    [System.Flags]
    [DataContract(Name = "Rights", Namespace = Names.Echo)]
    public enum RawRights
    {
        [EnumMember] Read = 1,
        [EnumMember] Delete = 8,
    }

    [DataContract(Name = "Article", Namespace = Names.Edges)]
    public class RawArticle
    {
        [DataMember(Order = 1)] public int Id;
        [DataMember(Order = 2, EmitDefaultValue = false)] public string Name;
        [DataMember(Order = 8)] public string Color;
    }

    [DataContract(Name = "Animal", Namespace = Names.Edges)]
    [KnownType(typeof(Snake)), KnownType(typeof(RawCat))]
    public abstract class RawAnimal
    {
        [DataMember] public string Name;
    }

    [DataContract(Namespace = Names.Edges)]
    public class Snake : RawAnimal
    {
        [DataMember] public int Length;
    }

    [DataContract(Name = "Cat", Namespace = Names.Edges)]
    public class RawCat : RawAnimal
    {
    }
}
