using System;

// The loop of every editor without a screen; see editor_process.py.
internal static class Commands
{
    /// <summary>
    /// Answers each line of standard input, words with tabs between them, with one line: "done" and the
    /// answer, or "defect" and the exception.
    /// </summary>
    internal static void Serve(Func<string[], string> answer, Action quit)
    {
        for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
            Console.WriteLine(Reply(line.Split('\t'), answer));
        quit();
        Console.WriteLine("ended");
    }

    private static string Reply(string[] words, Func<string[], string> answer)
    {
        try
        {
            return "done\t" + answer(words);
        }
        catch (Exception error)
        {
            return "defect\t" + error.ToString().Replace("\n", " | ");
        }
    }
}
