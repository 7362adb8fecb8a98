using System;
using System.Linq;
using System.ServiceModel;
using Interop.ByXml;

namespace Interop
{
    /// <summary>Bodies as XmlSerializer writes them.</summary>
    public static class Persons
    {
        /// <summary>What the unit tests have as .NET's octets.</summary>
        private static readonly Person Ann = new Person
        {
            Id = 4, Nick = "a\"<n>", Rights = ByXml.Rights.Read | ByXml.Rights.Admin, Name = "é→ <Ann>", Phones = new[] { "1", "", null }, Mails = new[] { "m1", "m2" },
            Status = ByXml.Status.Paid, Note = "n", Other = "o", Bare = "b", Age = 7, Weight = 0, WeightSpecified = true,
            Labels = new[] { new Label { Language = "en", Text = "hi" }, new Label(), null },
            Boss = new Person { Rights = ByXml.Rights.Change, Labels = new Label[0], Phones = new string[0] },
        };

        private static readonly DateTime When = new DateTime(2026, 11, 25, 10, 20, 30, DateTimeKind.Utc).AddTicks(1234567);

        private static readonly Odds Each = new Odds
        {
            Raw = new byte[] { 1, 2, 3, 4 }, List = new[] { 1, -2 }, Ratio = 0.1, Bool = true, SByte = -128, Byte = 255, Short = -32768, UShort = 65535, Int = int.MinValue,
            UInt = uint.MaxValue, Long = long.MinValue, ULong = ulong.MaxValue, Float = 1e10f, Double = 1e-5, Decimal = -15.990m, When = When,
            Guid = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Bytes = new byte[] { 1, 2, 3, 4 }, Char = 'x', Ints = new[] { 1, 2 },
            Doubles = new double?[] { 1.5, null, double.NegativeInfinity, 1e16, 1e17, 123456789012345678 }, Jagged = new[] { new[] { 1 }, new int[0] },
            Things = new object[] { 1, "two", 3.5, true, null, When, new Guid("00112233-4455-6677-8899-aabbccddeeff"), new byte[] { 1 } },
        };

        public static void Run(Channels channels, bool isPlain)
        {
            IPersons persons = channels.Persons();
            Report.Check("person", delegate { return IsSame(persons.EchoPerson(Ann), Ann); });
            Report.Check("person-null", delegate { return persons.EchoPerson(null) == null; });
            Report.Check("person-empty", delegate { return IsSame(persons.EchoPerson(new Person()), new Person()); });
            Report.Check("every-type", delegate { return IsSame(persons.EchoOdds(Each), Each); });
            Report.Check("every-type-empty", delegate { return IsSame(persons.EchoOdds(new Odds()), new Odds()); });
            if (!isPlain) Report.Check("derived", delegate
            {
                var figures = new Figure[] { new ByXml.Circle { Name = "c", Radius = 1.5 }, new ByXml.Square { Name = "s", Side = 2, Color = "red" }, null };
                Figure[] got = persons.EchoFigures(figures);
                return got.Length == 3 && got[0].Name == "c" && ((ByXml.Circle)got[0]).Radius == 1.5 && ((ByXml.Square)got[1]).Side == 2
                    && ((ByXml.Square)got[1]).Color == "red" && got[2] == null;
            });
            Report.Check("text", delegate { return new[] { "é\n→", "", " ", null, "1" }.All(text => persons.EchoText(text) == text); });
            Report.Check("number", delegate { return persons.EchoNumber(-1) == -1 && persons.EchoNumber(null) == null; });
            Report.Check("several", delegate
            {
                string[] words;
                ByXml.Rights rights = ByXml.Rights.Read;
                return persons.Split("a b", out words, ref rights) && words.SequenceEqual(new[] { "a", "b" })
                    && rights == (ByXml.Rights.Read | ByXml.Rights.Admin);
            });
            Report.Check("fault", delegate
            {
                try
                {
                    persons.Fail(5);
                    return false;
                }
                catch (FaultException<Problem> fault)
                {
                    return fault.Detail.Number == 5 && fault.Detail.Text == "failed" && fault.Message == "as told";
                }
            });
            if (!isPlain) Report.Check("message", delegate
            {
                Letter got = persons.Send(new Letter { Sender = "me", Subject = new Label { Language = "en", Text = "s" }, Lines = new[] { "1", "2" } });
                return got.Sender == "me!" && got.Subject.Text == "s" && got.Subject.Language == "en" && got.Lines.SequenceEqual(new[] { "1", "2" });
            });
            Report.Check("data-contract", delegate
            {
                Pair got = persons.Plain(new Pair { A = "a", B = 1.5 });
                return got.A == "a" && got.B == 1.5;
            });
            Report.Check("close", delegate { Channels.Close(persons); return true; });
        }

        private static bool IsSame(object one, object other) { return Written(one) == Written(other); }

        private static string Written(object value)
        {
            using (var text = new System.IO.StringWriter())
            {
                new System.Xml.Serialization.XmlSerializer(value.GetType()).Serialize(text, value);
                return text.ToString();
            }
        }
    }
}
