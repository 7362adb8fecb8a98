using System;
using System.ServiceModel;
using System.Threading;

namespace Interop
{
    /// <summary>The duplex part of the services: it calls whoever called it.</summary>
    public partial class Services
    {
        public string Subscribe(string topic)
        {
            INewsCallback client = Client();
            ThreadPool.QueueUserWorkItem(delegate
            {
                for (int number = 0; number < 3; number++) client.OnNews(topic, number);
            });
            return "subscribed " + topic;
        }

        public void SubscribeOneWay(string topic) { Client().OnNews(topic, 99); }

        public string AskBack(string question)
        {
            try { return "asked: " + Client().Ask(question); }
            catch (FaultException<Busy> error)
            {
                throw new FaultException(error.Message + ", " + error.Detail.Minutes + " min");
            }
        }

        private static INewsCallback Client()
        {
            return OperationContext.Current.GetCallbackChannel<INewsCallback>();
        }
    }
}
