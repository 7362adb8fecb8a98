using System;
using System.ServiceModel;
using System.Xml;

namespace Interop
{
    /// <summary>Makes channels: one factory for each contract, as a WCF program has it.</summary>
    public sealed class Channels
    {
        private readonly Options options;
        private readonly NetTcpBinding binding;
        private ChannelFactory<IEcho> pool;

        public Channels(Options options)
        {
            this.options = options;
            binding = MakeBinding(options.Timeout);
        }

        public NetTcpBinding MakeBinding(TimeSpan sendTimeout)
        {
            var result = new NetTcpBinding(SecurityMode.None);
            result.OpenTimeout = result.CloseTimeout = result.ReceiveTimeout = options.Timeout;
            result.SendTimeout = sendTimeout;
            if (options.Streamed) result.TransferMode = TransferMode.Streamed;
            if (options.MaxMessage > 0)
            {
                result.MaxReceivedMessageSize = options.MaxMessage;
                result.MaxBufferSize = options.MaxMessage;
                result.ReaderQuotas = XmlDictionaryReaderQuotas.Max;
            }
            return result;
        }

        public ICalculator Calculator()
        {
            return new ChannelFactory<ICalculator>(binding).CreateChannel(new EndpointAddress(At("/calculator")));
        }

        public INewerCalculator NewerCalculator()
        {
            return new ChannelFactory<INewerCalculator>(binding).CreateChannel(new EndpointAddress(At("/calculator")));
        }

        /// <summary>A factory of its own: Mono's ends with the first channel that ends badly.</summary>
        public IEcho Echo() { return Echo(binding); }

        /// <summary>All channels of this method come from one factory, so they share its connection pool.</summary>
        public IEcho Pooled(string address)
        {
            if (pool == null) pool = new ChannelFactory<IEcho>(binding);
            return pool.CreateChannel(new EndpointAddress(At(address, "/echo")));
        }

        public IEcho Echo(string address)
        {
            return new ChannelFactory<IEcho>(binding).CreateChannel(new EndpointAddress(At(address, "/echo")));
        }

        public IEcho Echo(NetTcpBinding other)
        {
            return new ChannelFactory<IEcho>(other).CreateChannel(new EndpointAddress(At("/echo")));
        }

        public IEdges Edges()
        {
            return new ChannelFactory<IEdges>(binding).CreateChannel(new EndpointAddress(At("/edges")));
        }

        public IRawEdges RawEdges()
        {
            return new ChannelFactory<IRawEdges>(binding).CreateChannel(new EndpointAddress(At("/edges")));
        }

        public IAside Aside()
        {
            return new ChannelFactory<IAside>(binding).CreateChannel(new EndpointAddress(At("/echo")));
        }

        public IFiles Files()
        {
            return new ChannelFactory<IFiles>(binding).CreateChannel(new EndpointAddress(At("/files")));
        }

        public IDocuments Documents()
        {
            return new ChannelFactory<IDocuments>(binding).CreateChannel(new EndpointAddress(At("/documents")));
        }

        public IMessages Messages()
        {
            return new ChannelFactory<IMessages>(binding).CreateChannel(new EndpointAddress(At("/messages")));
        }

        public ByXml.IPersons Persons()
        {
            return new ChannelFactory<ByXml.IPersons>(binding).CreateChannel(new EndpointAddress(At("/persons")));
        }

        public INews News(INewsCallback callback)
        {
            var factory = new DuplexChannelFactory<INews>(new InstanceContext(callback), binding);
            return factory.CreateChannel(new EndpointAddress(At("/news")));
        }

        public ICart Cart()
        {
            return new ChannelFactory<ICart>(binding).CreateChannel(new EndpointAddress(At("/cart")));
        }

        public IRawCart RawCart()
        {
            return new ChannelFactory<IRawCart>(binding).CreateChannel(new EndpointAddress(At("/cart")));
        }

        public static void Open(object channel) { ((IClientChannel)channel).Open(); }

        public static void Close(object channel) { ((IClientChannel)channel).Close(); }

        /// <summary>Closes what can be closed and gives up the rest, as a WCF program has to.</summary>
        public static void End(object channel)
        {
            var client = (IClientChannel)channel;
            if (client.State != CommunicationState.Opened || Report.Catch(client.Close) != null) client.Abort();
        }

        public static string State(object channel) { return ((IClientChannel)channel).State.ToString(); }

        private string At(string path) { return At(options.Address, path); }

        private string At(string address, string path) { return options.Exact ? address : address + path; }
    }
}
