using System;
using System.Collections.Generic;
using System.Globalization;
using System.ServiceModel;
using System.ServiceModel.Description;
using System.Threading;
using System.Xml;

namespace Interop
{
    /// <summary>
    /// service --address ADDRESS [--address ADDRESS]... [--streamed] [--details] [--max-message OCTETS] [--receive-timeout SECONDS] [--listen ADDRESS]
    ///
    /// Hosts ICalculator at ADDRESS/calculator and IEcho at ADDRESS/echo, for each address (all on one port).
    /// With --listen, it listens there instead, and is reached at the (one) ADDRESS through somebody else.
    /// Prints "ready ADDRESS..." and ends when its standard input ends.
    /// </summary>
    public static class ServiceProgram
    {
        public static int Main(string[] arguments)
        {
            var addresses = new List<string>();
            var binding = new NetTcpBinding(SecurityMode.None);
            bool details = false;
            string listen = null;
            for (int i = 0; i < arguments.Length; i++)
            {
                switch (arguments[i])
                {
                    case "--address":
                        addresses.Add(arguments[++i]);
                        break;
                    case "--listen":
                        listen = arguments[++i];
                        break;
                    case "--streamed":
                        binding.TransferMode = TransferMode.Streamed;
                        break;
                    case "--details":
                        details = true;
                        break;
                    case "--max-message":
                        int octets = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                        binding.MaxReceivedMessageSize = octets;
                        binding.MaxBufferSize = octets;
                        binding.ReaderQuotas = XmlDictionaryReaderQuotas.Max;
                        break;
                    case "--receive-timeout":
                        binding.ReceiveTimeout = TimeSpan.FromSeconds(double.Parse(arguments[++i], CultureInfo.InvariantCulture));
                        break;
                    default:
                        Console.Error.WriteLine("no such option: " + arguments[i]);
                        return 2;
                }
            }

            // One thread for each call that sleeps: without this the pool adds two a second.
            ThreadPool.SetMinThreads(100, 100);
            var host = new ServiceHost(typeof(Services));
            host.Description.Behaviors.Find<ServiceDebugBehavior>().IncludeExceptionDetailInFaults = details;
            foreach (string address in addresses)
            {
                string at = listen ?? address;
                host.AddServiceEndpoint(typeof(ICalculator), binding, address + "/calculator", new Uri(at + "/calculator"));
                host.AddServiceEndpoint(typeof(IEcho), binding, address + "/echo", new Uri(at + "/echo"));
                host.AddServiceEndpoint(typeof(IEdges), binding, address + "/edges", new Uri(at + "/edges"));
                host.AddServiceEndpoint(typeof(IAside), binding, address + "/echo", new Uri(at + "/echo"));
                host.AddServiceEndpoint(typeof(IFiles), binding, address + "/files", new Uri(at + "/files"));
                host.AddServiceEndpoint(typeof(IDocuments), binding, address + "/documents", new Uri(at + "/documents"));
                host.AddServiceEndpoint(typeof(IMessages), binding, address + "/messages", new Uri(at + "/messages"));
                host.AddServiceEndpoint(typeof(ByXml.IPersons), binding, address + "/persons", new Uri(at + "/persons"));
                if (binding.TransferMode == TransferMode.Streamed) continue;
                host.AddServiceEndpoint(typeof(INews), binding, address + "/news", new Uri(at + "/news"));
            }
            host.Open();
            Console.WriteLine("ready " + string.Join(" ", addresses));
            Console.Out.Flush();
            while (Console.In.ReadLine() != null) { }

            // Closing waits for sessions that may never end; whoever ended our input waits for us.
            var closing = new Thread(delegate() { try { host.Close(); } catch (Exception) { host.Abort(); } });
            closing.IsBackground = true;
            closing.Start();
            closing.Join(2000);
            Environment.Exit(0);
            return 0;
        }
    }
}
