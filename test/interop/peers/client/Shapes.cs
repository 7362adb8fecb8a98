using System;
using System.Collections.Generic;
using System.Linq;

namespace Interop
{
    /// <summary>Classes, enumerations, dictionaries, references and operations as real contracts have them.</summary>
    public static class Shapes
    {
        public static void Run(Channels channels)
        {
            IEcho echo = channels.Echo();
            Report.Check("members", delegate
            {
                Order full = echo.EchoOrder(new Order
                {
                    Id = 1, Customer = new Customer { Id = 2, Name = "Ann" }, Status = Status.Sent, Note = "n", Priority = 3, Total = 1.50m,
                });
                Order bare = echo.EchoOrder(new Order { Total = -1m });
                return full.Id == 1 && full.Customer.Name == "Ann" && full.Status == Status.Sent && full.Note == "n" && full.Priority == 3
                    && full.Total.ToString(System.Globalization.CultureInfo.InvariantCulture) == "1.50"
                    && bare.Customer == null && bare.Status == Status.New && bare.Note == null && bare.Priority == 0 && bare.Total == -1m;
            });
            Report.Check("flags", delegate
            {
                return new[] { Rights.None, Rights.Write, Rights.Read | Rights.Admin, (Rights)7 }.All(value => echo.EchoRights(value) == value);
            });
            Report.Check("dictionary", delegate
            {
                var sent = new Dictionary<string, Customer> { { "a", new Customer { Id = 1, Name = "Ann" } }, { "", null } };
                Dictionary<string, Customer> got = echo.EchoCustomers(sent);
                return got.Count == 2 && got["a"].Name == "Ann" && got[""] == null && echo.EchoCustomers(new Dictionary<string, Customer>()).Count == 0;
            });
            Report.Check("items", delegate { return echo.EchoTags(new Tags { "a", "b" }).SequenceEqual(new[] { "a", "b" }); });
            Report.Check("offset", delegate
            {
                var values = new[] { new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.FromMinutes(-90)), DateTimeOffset.MinValue, DateTimeOffset.MaxValue };
                return values.All(value => echo.EchoOffset(value).EqualsExact(value));
            });
            Report.Check("char", delegate { return new[] { 'x', '\0', '\uffff' }.All(value => echo.EchoChar(value) == value); });
            Report.Check("uri", delegate { return echo.EchoUri(new Uri("http://a/b?c#d")).OriginalString == "http://a/b?c#d"; });
            Report.Check("known", delegate
            {
                List<Shape> got = echo.EchoShapes(new List<Shape>
                {
                    new Circle { Label = "c", Radius = 2 }, new Square { Label = "s", Side = 3 }, new Shape { Label = "b" }, null,
                });
                return ((Circle)got[0]).Radius == 2 && ((Square)got[1]).Side == 3 && got[1].Label == "s" && got[2].GetType() == typeof(Shape) && got[3] == null;
            });
            Report.Check("references", delegate
            {
                var first = new Node { Name = "first" };
                first.Next = new Node { Name = "second", Next = first };
                List<Node> got = echo.EchoNodes(new List<Node> { first, first });
                return got[0] == got[1] && got[0].Next.Next == got[0] && got[0].Next.Name == "second";
            });
            Report.Check("out", delegate
            {
                int value;
                return echo.TryGet("abc", out value) && value == 3 && !echo.TryGet("", out value) && value == 0;
            });
            Report.Check("names", delegate { return echo.WithNames("x") == "x"; });
            Report.Check("close", delegate { Channels.Close(echo); return true; });
        }
    }
}
