// A client in C# for a service of this package:
//   calculator-service --salt 4381
//   WcfClient net.tcp://localhost:9000/calculator/4381
// Compiles with Mono (mcs -r:System.ServiceModel WcfClient.cs), with .NET Framework, and with .NET and
// the NuGet package System.ServiceModel.NetTcp.
using System;
using System.ServiceModel;

// Name and namespace are what the service has: they are in every message.
[ServiceContract(Namespace = "http://Microsoft.Samples.PortSharing")]
public interface ICalculator
{
    [OperationContract] double Add(double n1, double n2);
    [OperationContract] double Subtract(double n1, double n2);
    [OperationContract] double Multiply(double n1, double n2);
    [OperationContract] double Divide(double n1, double n2);
}

public static class WcfClient
{
    public static int Main(string[] args)
    {
        // Without SecurityMode.None the client asks for Windows authentication.
        var binding = new NetTcpBinding(SecurityMode.None);
        var factory = new ChannelFactory<ICalculator>(binding, new EndpointAddress(args[0]));
        ICalculator calculator = factory.CreateChannel();
        // Where it is reached at another address than its own: a port mapping, a tunnel.
        if (args.Length > 1) calculator = factory.CreateChannel(factory.Endpoint.Address, new Uri(args[1]));
        try
        {
            Console.WriteLine(calculator.Add(100, 15.99));
            ((IClientChannel)calculator).Close();
            factory.Close();
            return 0;
        }
        catch (CommunicationException error)
        {
            Console.Error.WriteLine(error.GetType().Name + ": " + error.Message);
            ((IClientChannel)calculator).Abort();
            return 74;
        }
    }
}
