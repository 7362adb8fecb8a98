using System.Collections.Generic;

namespace Interop
{
    public partial class Services : IEdges
    {
        public Article EchoArticle(Article value) { return value; }

        public Animal EchoAnimal(Animal value) { return value; }

        public Zoo EchoZoo(Zoo value) { return value; }

        public Tree EchoTree(Tree value) { return value; }

        public Member EchoMember(Member value) { return value; }

        public Keyed EchoKeyed(Keyed value) { return value; }

        public Dictionary<string, Dictionary<int, string>> EchoNested(Dictionary<string, Dictionary<int, string>> value) { return value; }

        public Status[] EchoStatuses(Status[] value) { return value; }

        public Rights? EchoRightsOrNull(Rights? value) { return value; }

        public Scalars EchoScalars(Scalars value) { return value; }

        public int Exchange(ref int first, ref string second, out int[] numbers)
        {
            int length = second == null ? -1 : second.Length;
            numbers = new[] { first, length };
            second = second == null ? null : second + first;
            first = unchecked(first * 2);
            return numbers[0] + numbers[1];
        }
    }
}
