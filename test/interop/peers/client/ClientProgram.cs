using System;
using System.Globalization;
using System.Threading;

namespace Interop
{
    /// <summary>Runs one scenario against a service and prints the results; see Options and Report.</summary>
    public static class ClientProgram
    {
        public static int Main(string[] arguments)
        {
            CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
            Thread.CurrentThread.CurrentCulture = CultureInfo.InvariantCulture;
            Options options;
            try
            {
                options = Options.Parse(arguments);
            }
            catch (ArgumentException error)
            {
                Console.Error.WriteLine(error.Message);
                return 2;
            }

            ThreadPool.SetMinThreads(200, 100);
            Report.Scenario = options.Scenario;
            Exception failure = Report.Catch(delegate { Run(options, new Channels(options)); });
            if (failure != null) Report.Line("", false, 0, failure);

            // Mono keeps threads that wait for answers which will never come.
            Environment.Exit(Report.Failed ? 1 : 0);
            return 0;
        }

        private static void Run(Options options, Channels channels)
        {
            switch (options.Scenario)
            {
                case "sample": Basics.Sample(channels); break;
                case "random": RandomScenario.Run(channels, options.Number(0, 1000), options.Number(1, 1), options.Number(2, 1)); break;
                case "concurrent": Concurrency.Concurrent(channels, options.Number(0, 64), options.Number(1, 20), options.Parameters.Contains("own-channels")); break;
                case "strings": Strings.Run(channels); break;
                case "types": Types.Run(channels); break;
                case "shapes": Shapes.Run(channels); break;
                case "orders": Edges.Orders(channels, options.Parameters.Contains("plain")); break;
                case "derived": Edges.Derived(channels, options.Parameters.Contains("plain")); break;
                case "trees": Edges.Trees(channels, options.Number(0, 0)); break;
                case "rings": Edges.Rings(channels); break;
                case "dictionaries": Edges.Dictionaries(channels); break;
                case "enumerations": Edges.Enumerations(channels, options.Parameters.Contains("plain")); break;
                case "scalars": Edges.Scalars(channels, options.Parameters.Contains("plain")); break;
                case "exchanged": Edges.Exchanged(channels); break;
                case "any": Carried.Any(channels, options.Parameters.Contains("plain")); break;
                case "headers": Carried.Headers(channels, options.Parameters.Contains("plain")); break;
                case "several": Carried.Several(channels); break;
                case "streams": Carried.Streams(channels); break;
                case "xml": Documents.Run(channels); break;
                case "messages": Messages.Run(channels, options.Parameters.Contains("plain")); break;
                case "persons": Persons.Run(channels, options.Parameters.Contains("plain")); break;
                case "duplex": Duplex.Callbacks(channels, options.Parameters.Contains("plain")); break;
                case "sessions": Duplex.Sessions(channels); break;
                case "large": Basics.Large(channels, options.Number(0, 100 * 1024)); break;
                case "oneway": Basics.OneWay(channels); break;
                case "over-quota": Failures.OverQuota(channels, options.Number(0, 100000)); break;
                case "wrong-number": Failures.WrongNumber(channels, options); break;
                case "no-answer": Failures.NoAnswer(channels, options.Address); break;
                case "refused": Failures.Refused(channels); break;
                case "unknown-operation": Failures.UnknownOperation(channels); break;
                case "exceptions": Failures.Exceptions(channels); break;
                case "no-reply": Failures.NoReply(channels); break;
                case "idle": Lifetimes.Idle(channels, options.Number(0, 5)); break;
                case "slow": Lifetimes.Slow(channels, options.Number(0, 1000)); break;
                case "stay-open": Lifetimes.StayOpen(channels); break;
                case "pool": Lifetimes.Pool(channels, options); break;
                case "speed": Speed.Run(channels); break;
                case "together": Lifetimes.Together(channels, options); break;
                default: throw new ArgumentException("no such scenario: " + options.Scenario);
            }
        }
    }
}
