using System.ServiceModel;
using Interop.ByXml;

namespace Interop
{
    public partial class Services : IPersons
    {
        Person IPersons.EchoPerson(Person person) { return person; }

        Odds IPersons.EchoOdds(Odds odds) { return odds; }

        Figure[] IPersons.EchoFigures(Figure[] figures) { return figures; }

        string IPersons.EchoText(string text) { return text; }

        int? IPersons.EchoNumber(int? number) { return number; }

        bool IPersons.Split(string text, out string[] words, ref ByXml.Rights rights)
        {
            words = text.Split(' ');
            rights |= ByXml.Rights.Admin;
            return words.Length > 1;
        }

        void IPersons.Fail(int number)
        {
            throw new FaultException<Problem>(new Problem { Number = number, Text = "failed" }, new FaultReason("as told"));
        }

        Letter IPersons.Send(Letter letter)
        {
            letter.Sender += "!";
            return letter;
        }

        Pair IPersons.Plain(Pair pair) { return pair; }
    }
}
