using System.ServiceModel;

namespace Interop
{
    /// <summary>The contract of the WCF sample "Net.TCP Port Sharing".</summary>
    [ServiceContract(Namespace = "http://Microsoft.Samples.PortSharing")]
    public interface ICalculator
    {
        [OperationContract]
        double Add(double n1, double n2);

        [OperationContract]
        double Subtract(double n1, double n2);

        [OperationContract]
        double Multiply(double n1, double n2);

        [OperationContract]
        double Divide(double n1, double n2);
    }

    /// <summary>
    /// A newer edition of the same contract, as a caller may have it: on the wire it differs by one
    /// operation that the service does not know.
    /// </summary>
    [ServiceContract(Name = "ICalculator", Namespace = "http://Microsoft.Samples.PortSharing")]
    public interface INewerCalculator
    {
        [OperationContract]
        double Add(double n1, double n2);

        [OperationContract]
        double Power(double n1, double n2);
    }
}
