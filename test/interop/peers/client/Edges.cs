using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.ServiceModel;

namespace Interop
{
    /// <summary>Each feature of a shop's contract, with values at the edges, and with what the service does not know.</summary>
    public static class Edges
    {
        /// <param name="plain">What Mono's service can do.</param>
        public static void Orders(Channels channels, bool plain)
        {
            IEdges edges = channels.Edges();
            Report.Check("all", delegate
            {
                Article got = edges.EchoArticle(new Article
                {
                    Id = int.MinValue, Name = "", Stock = 0, Hidden = true, Price = decimal.MaxValue, Labels = new[] { "", null, "é😀" },
                    Maker = new Customer { Id = int.MaxValue, Name = null },
                });
                return got.Id == int.MinValue && got.Name == "" && got.Stock == 0 && got.Hidden && got.Price == decimal.MaxValue
                    && got.Labels.SequenceEqual(new[] { "", null, "é😀" }) && got.Maker.Id == int.MaxValue && got.Maker.Name == null;
            });
            Report.Check("least", delegate
            {
                Article got = edges.EchoArticle(new Article { Name = "n" });
                return got.Id == 0 && got.Name == "n" && got.Stock == null && !got.Hidden && got.Price == null && got.Labels == null && got.Maker == null;
            });
            Report.Check("required-null", delegate { return edges.EchoArticle(new Article()).Name == null; });
            Report.Check("empty-array", delegate { return edges.EchoArticle(new Article { Labels = new string[0] }).Labels.Length == 0; });
            Report.Check("none", delegate { return edges.EchoArticle(null) == null; });
            if (!plain) Unknown(channels, "missing-required", raw => raw.EchoArticle(new RawArticle { Id = 1 }));
            Report.Check("unknown-member", delegate
            {
                IRawEdges raw = channels.RawEdges();
                RawArticle got = raw.EchoArticle(new RawArticle { Id = 7, Name = "n", Color = "red" });
                Channels.Close(raw);
                return got.Id == 7 && got.Name == "n";
            });
            End(edges);
        }

        public static void Derived(Channels channels, bool plain)
        {
            IEdges edges = channels.Edges();
            Report.Check("one", delegate
            {
                var puppy = (Puppy)edges.EchoAnimal(new Puppy { Name = "p", Age = -1, Weight = double.Epsilon });
                return puppy.Name == "p" && puppy.Age == -1 && puppy.Weight == double.Epsilon && edges.EchoAnimal(new Cat()).GetType() == typeof(Cat)
                    && edges.EchoAnimal(null) == null;
            });
            Report.Check("arrays", delegate
            {
                Zoo got = edges.EchoZoo(new Zoo
                {
                    Star = new Dog { Name = "d", Age = 3 }, All = new Animal[] { new Cat { Name = "c" }, null, new Puppy { Weight = 1.5 }, new Dog() },
                    ByName = new Dictionary<string, Animal> { { "", new Cat() }, { "p", new Puppy { Age = 1 } }, { "n", null } },
                });
                return ((Dog)got.Star).Age == 3 && got.All.Length == 4 && got.All[0].Name == "c" && got.All[1] == null && ((Puppy)got.All[2]).Weight == 1.5
                    && got.All[3].GetType() == typeof(Dog) && got.ByName[""] is Cat && ((Puppy)got.ByName["p"]).Age == 1 && got.ByName["n"] == null;
            });
            Report.Check("none", delegate
            {
                Zoo got = edges.EchoZoo(new Zoo { All = new Animal[0] });
                return got.Star == null && got.All.Length == 0 && got.ByName == null;
            });
            if (!plain) Unknown(channels, "unknown-class", raw => raw.EchoAnimal(new Snake { Name = "s", Length = 3 }));
            End(edges);
        }

        /// <param name="deepest">Elements of a message inside each other that the service takes; 0 if it has no such limit.</param>
        public static void Trees(Channels channels, int deepest)
        {
            IEdges edges = channels.Edges();
            // Around a tree are the elements of envelope, body, operation and parameter; its innermost has a Value.
            foreach (int depth in new[] { 1, 20, 59 })
            {
                int levels = depth;
                Report.Check("deep " + depth, delegate { return DepthOf(edges.EchoTree(Deep(levels))) == levels; });
            }
            Report.Check("wide", delegate
            {
                Tree got = edges.EchoTree(Wide(4));
                return Count(got) == 341 && got.More[3].More[2].More[1].More[0].Value == 0;
            });
            if (deepest > 0)
            {
                Report.Check("deepest", delegate { return DepthOf(edges.EchoTree(Deep(deepest - 4))) == deepest - 4; });
                Report.Check("too-deep", delegate { return Report.Catch(delegate { channels.Edges().EchoTree(Deep(deepest - 3)); }) != null; });
                Report.Check("others-go-on", delegate { return edges.EchoTree(new Tree { Value = 1 }).Value == 1; });
            }
            End(edges);
        }

        public static void Rings(Channels channels)
        {
            IEdges edges = channels.Edges();
            Report.Check("itself", delegate
            {
                var one = new Member { Name = "one" };
                one.Partner = one;
                one.Friends = new[] { one, null, one };
                Member got = edges.EchoMember(one);
                return got.Partner == got && got.Friends[0] == got && got.Friends[1] == null && got.Friends[2] == got;
            });
            Report.Check("shared", delegate
            {
                var shared = new Member { Name = "" };
                var first = new Member { Name = "first", Partner = shared, Friends = new[] { shared, new Member { Partner = shared } } };
                shared.Partner = first;
                Member got = edges.EchoMember(first);
                return got.Partner == got.Friends[0] && got.Friends[1].Partner == got.Partner && got.Partner.Partner == got && got.Friends[1].Name == null;
            });
            Report.Check("equal-but-not-one", delegate
            {
                Member got = edges.EchoMember(new Member { Friends = new[] { new Member { Name = "a" }, new Member { Name = "a" } } });
                return got.Friends[0] != got.Friends[1] && got.Friends[0].Name == "a" && got.Friends[1].Name == "a";
            });
            Report.Check("none", delegate { return edges.EchoMember(null) == null && edges.EchoMember(new Member { Friends = new Member[0] }).Friends.Length == 0; });
            End(edges);
        }

        public static void Dictionaries(Channels channels)
        {
            IEdges edges = channels.Edges();
            Report.Check("nested", delegate
            {
                var sent = new Dictionary<string, Dictionary<int, string>>
                {
                    { "", new Dictionary<int, string>() }, { "é<", new Dictionary<int, string> { { int.MinValue, null }, { int.MaxValue, "" } } }, { "n", null },
                };
                Dictionary<string, Dictionary<int, string>> got = edges.EchoNested(sent);
                return got.Count == 3 && got[""].Count == 0 && got["é<"][int.MinValue] == null && got["é<"][int.MaxValue] == "" && got["n"] == null;
            });
            Report.Check("empty", delegate { return edges.EchoNested(new Dictionary<string, Dictionary<int, string>>()).Count == 0 && edges.EchoNested(null) == null; });
            Report.Check("keys", delegate
            {
                var moment = new DateTime(2026, 11, 28, 12, 0, 0, DateTimeKind.Utc);
                Keyed got = edges.EchoKeyed(new Keyed
                {
                    ByInt = new Dictionary<int, string> { { -1, "a" }, { 0, null } },
                    ByLong = new Dictionary<long, bool> { { long.MinValue, true }, { long.MaxValue, false } },
                    ByGuid = new Dictionary<Guid, int> { { Guid.Empty, 1 }, { new Guid("00112233-4455-6677-8899-aabbccddeeff"), int.MinValue } },
                    ByStatus = new Dictionary<Status, double> { { Status.New, 0 }, { Status.Sent, double.NegativeInfinity } },
                    ByBool = new Dictionary<bool, char> { { true, '\uffff' }, { false, '\0' } },
                    ByDecimal = new Dictionary<decimal, Status> { { decimal.MinValue, Status.Paid }, { 0.1m, Status.New } },
                    Lists = new Dictionary<string, Customer[]> { { "a", new[] { new Customer { Id = 1 }, null } }, { "b", new Customer[0] }, { "c", null } },
                    ByTime = new Dictionary<DateTime, TimeSpan> { { moment, TimeSpan.FromTicks(1) } },
                });
                return got.ByInt.Count == 2 && got.ByInt[-1] == "a" && got.ByLong[long.MinValue] && !got.ByLong[long.MaxValue]
                    && got.ByGuid[Guid.Empty] == 1 && got.ByGuid[new Guid("00112233-4455-6677-8899-aabbccddeeff")] == int.MinValue
                    && got.ByStatus[Status.New] == 0 && double.IsNegativeInfinity(got.ByStatus[Status.Sent]) && got.ByBool[true] == '\uffff'
                    && got.ByBool[false] == '\0' && got.ByDecimal[decimal.MinValue] == Status.Paid && got.ByDecimal[0.1m] == Status.New
                    && got.Lists["a"][0].Id == 1 && got.Lists["a"][1] == null && got.Lists["b"].Length == 0 && got.Lists["c"] == null
                    && got.ByTime[moment] == TimeSpan.FromTicks(1);
            });
            Report.Check("none", delegate { return edges.EchoKeyed(new Keyed()).ByGuid == null; });
            End(edges);
        }

        public static void Enumerations(Channels channels, bool plain)
        {
            IEdges edges = channels.Edges();
            Report.Check("each", delegate
            {
                var all = new[] { Status.New, Status.Paid, Status.Sent };
                return edges.EchoStatuses(all).SequenceEqual(all) && edges.EchoStatuses(new Status[0]).Length == 0 && edges.EchoStatuses(null) == null;
            });
            Report.Check("flags", delegate
            {
                return new Rights?[] { null, Rights.None, Rights.Admin, (Rights)7 }.All(value => edges.EchoRightsOrNull(value) == value);
            });
            if (!plain) Unknown(channels, "unknown-value", raw => raw.EchoStatuses(new[] { RawStatus.New, RawStatus.Lost }));
            if (!plain) Unknown(channels, "unknown-flag", raw => raw.EchoRightsOrNull(RawRights.Read | RawRights.Delete));
            End(edges);
        }

        /// <param name="plain">Without halves of surrogate pairs, which a text of ours cannot be.</param>
        public static void Scalars(Channels channels, bool plain)
        {
            IEdges edges = channels.Edges();
            Report.Check("offsets", delegate
            {
                var ends = new[]
                {
                    DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.FromHours(14)).AddTicks(1),
                    new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.FromHours(-14)), new DateTimeOffset(1, 1, 2, 0, 0, 0, TimeSpan.FromMinutes(1)),
                };
                return ends.All(end => Echoed(edges, new Scalars { Offset = end, OffsetOrNull = end }, got => got.Offset.EqualsExact(end)
                    && got.OffsetOrNull.Value.EqualsExact(end))) && Echoed(edges, new Scalars(), got => got.OffsetOrNull == null);
            });
            Report.Check("chars", delegate
            {
                return new[] { '\0', '\n', ' ', '<', '\ud7ff', '\ue000', '\ufffe', '\uffff' }.All(letter =>
                    Echoed(edges, new Scalars { Letter = letter }, got => got.Letter == letter));
            });
            if (!plain) Report.Check("half-a-character", delegate
            {
                return new[] { '\ud800', '\udfff' }.All(letter =>
                    Report.Catch(delegate { channels.Edges().EchoScalars(new Scalars { Letter = letter }); }) is FaultException);
            });
            Report.Check("uris", delegate
            {
                return new[] { "http://a/b?c#d", "../up", "", "urn:isbn:1", "http://é.example/%C3%A9?q=<>\"", "net.tcp://h:1/p" }.All(text =>
                {
                    var link = new Uri(text, UriKind.RelativeOrAbsolute);
                    return Echoed(edges, new Scalars { Link = link }, got => got.Link.IsAbsoluteUri == link.IsAbsoluteUri && got.Link == link);
                }) && Echoed(edges, new Scalars(), got => got.Link == null);
            });
            Report.Check("versions", delegate
            {
                return new[] { "0.0", "1.2", "1.2.3", "1.2.3.4", "2147483647.2147483647.2147483647.2147483647" }.All(text =>
                    Echoed(edges, new Scalars { Version = new Version(text) }, got => got.Version.ToString() == text))
                    && Echoed(edges, new Scalars(), got => got.Version == null);
            });
            Report.Check("decimals", delegate
            {
                var ends = new[]
                {
                    0m, 0.0m, 1.50m, -0.1m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 7.9228162514264337593543950335m,
                    -79228162514264337593543950.335m, 10000000000000000000000000000m,
                };
                return ends.All(end => Echoed(edges, new Scalars { Amount = end }, got => Text(got.Amount) == Text(end)))
                    && Echoed(edges, new Scalars { Amounts = ends }, got => got.Amounts.Select(Text).SequenceEqual(ends.Select(Text)));
            });
            End(edges);
        }

        public static void Exchanged(Channels channels)
        {
            IEdges edges = channels.Edges();
            Report.Check("ref-and-out", delegate
            {
                return new[] { "", "text", null }.All(text => new[] { 0, -1, 1000 }.All(number =>
                {
                    int first = number;
                    string second = text;
                    int[] numbers;
                    int length = text == null ? -1 : text.Length;
                    int sum = edges.Exchange(ref first, ref second, out numbers);
                    return sum == number + length && first == number * 2 && second == (text == null ? null : text + number) && numbers.SequenceEqual(new[] { number, length });
                }));
            });
            End(edges);
        }

        private static bool Echoed(IEdges edges, Scalars sent, Func<Scalars, bool> isRight) { return isRight(edges.EchoScalars(sent)); }

        private static string Text(decimal value) { return value.ToString(CultureInfo.InvariantCulture); }

        /// <summary>What the service does not know is a fault, never a wrong value; others are served as before.</summary>
        private static void Unknown(Channels channels, string part, Action<IRawEdges> call)
        {
            Report.Check(part, delegate
            {
                IRawEdges raw = channels.RawEdges();
                bool isFault = Report.Catch(delegate { call(raw); }) is FaultException;
                Channels.End(raw);
                IEdges fresh = channels.Edges();
                bool isServed = fresh.EchoArticle(new Article { Name = "n" }).Name == "n";
                Channels.End(fresh);
                return isFault && isServed;
            });
        }

        private static void End(IEdges edges)
        {
            Report.Check("close", delegate { Channels.Close(edges); return true; });
        }

        private static Tree Deep(int depth)
        {
            Tree tree = null;
            for (int level = 0; level < depth; level++) tree = new Tree { Value = level, Left = tree };
            return tree;
        }

        private static int DepthOf(Tree tree) { return tree == null ? 0 : 1 + DepthOf(tree.Left); }

        private static Tree Wide(int levels)
        {
            return new Tree { Value = levels, More = levels == 0 ? null : Enumerable.Range(0, 4).Select(_ => Wide(levels - 1)).ToList() };
        }

        private static int Count(Tree tree) { return 1 + (tree.More == null ? 0 : tree.More.Sum(Count)); }
    }
}
