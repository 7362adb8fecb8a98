// A service in C# for a client of this package:
//   WcfService net.tcp://localhost:9101/calculator
//   calculator-client --encoding soap --address net.tcp://localhost:9101/calculator
// Behind a static route it needs the address that clients use, and the one where it listens:
//   net-tcp-port-sharing route add /orders 127.0.0.1:9101
//   WcfService net.tcp://localhost:9000/orders net.tcp://localhost:9101/orders
// Behind a port mapping, where clients know it by another address:
//   WcfService net.tcp://localhost:9101/calculator net.tcp://localhost:9101/calculator any
// Compiles with Mono (mcs -r:System.ServiceModel WcfService.cs) and with .NET Framework.
using System;
using System.ServiceModel;

[ServiceContract(Namespace = "http://Microsoft.Samples.PortSharing")]
public interface ICalculator
{
    [OperationContract] double Add(double n1, double n2);
    [OperationContract] double Subtract(double n1, double n2);
    [OperationContract] double Multiply(double n1, double n2);
    [OperationContract] double Divide(double n1, double n2);
}

public class CalculatorService : ICalculator
{
    public double Add(double n1, double n2) { return n1 + n2; }
    public double Subtract(double n1, double n2) { return n1 - n2; }
    public double Multiply(double n1, double n2) { return n1 * n2; }
    public double Divide(double n1, double n2) { return n1 / n2; }
}

// Takes messages to any address.
[ServiceBehavior(AddressFilterMode = AddressFilterMode.Any)]
public class MappedService : CalculatorService { }

public static class WcfService
{
    public static void Main(string[] args)
    {
        var binding = new NetTcpBinding(SecurityMode.None);
        var host = new ServiceHost(args.Length < 3 ? typeof(CalculatorService) : typeof(MappedService));
        if (args.Length == 1) host.AddServiceEndpoint(typeof(ICalculator), binding, args[0]);
        else host.AddServiceEndpoint(typeof(ICalculator), binding, args[0], new Uri(args[1]));
        host.Open();
        Console.WriteLine("listening on " + args[0]);
        Console.ReadLine();
        host.Abort();
    }
}
