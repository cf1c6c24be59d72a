// Not of Unity: how long something holds a thread, on a machine that is busy with other things.
using System.Diagnostics;
using System.IO;

namespace UnityEditor
{
    /// <summary>
    /// Counts the time that passes for the thread it is used on: computing, reading, waiting for a lock,
    /// but not waiting for a processor that other processes have.
    /// </summary>
    public sealed class ThreadWatch
    {
        // https://www.kernel.org/doc/html/latest/scheduler/sched-stats.html, "schedstat": nanoseconds on
        // a processor, nanoseconds in line for one.
        private const string Statistics = "/proc/thread-self/schedstat";

        // The watch runs within the time that is looked at for waits: else one that begins between
        // the two would be taken for work.
        private readonly double before = InLine();
        private readonly Stopwatch watch = Stopwatch.StartNew();

        public double Milliseconds
        {
            get { return watch.Elapsed.TotalMilliseconds - (InLine() - before); }
        }

        private static double InLine()
        {
            return File.Exists(Statistics) ? double.Parse(File.ReadAllText(Statistics).Split(' ')[1]) / 1e6 : 0;
        }
    }
}
