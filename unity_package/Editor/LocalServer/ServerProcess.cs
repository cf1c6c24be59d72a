using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace SkyServer.Editor
{
    /// <summary>
    /// A running <c>skyserver serve</c>. It writes what it says to a file and not to a pipe: a pipe
    /// would end with the script domain, and a thread that reads one would hold the reload up. So it
    /// lives on through reloads, and <see cref="Find"/> gets hold of it again.
    /// </summary>
    internal sealed class ServerProcess
    {
        // Python has no option for this: everything that is printed goes to the file that is named next.
        private const string PrintToFile =
            "import os, runpy, sys; "
            + "log = open(sys.argv.pop(1), 'w', buffering=1, encoding='utf-8'); "
            + "os.dup2(log.fileno(), 1); os.dup2(log.fileno(), 2); sys.stdout = sys.stderr = log; "
            + "runpy.run_module('skyserver', run_name='__main__', alter_sys=True)";

        private const string ReadyWords = " answers at ";
        private const int TerminateSignal = 15;

        private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(150);
        private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
        private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

        private readonly Process _process;
        private readonly string _logFile;

        private ServerProcess(Process process, string logFile)
        {
            _process = process;
            _logFile = logFile;
        }

        /// <summary>What <see cref="Find"/> needs to find this process again.</summary>
        internal string Identity
        {
            get { return $"{_process.Id}|{StartTime(_process)}|{_logFile}"; }
        }

        internal bool HasExited
        {
            get { return _process.HasExited; }
        }

        /// <summary>Starts a server; it is not ready yet.</summary>
        /// <param name="python">Runs it.</param>
        /// <param name="port">Where it is to answer over HTTP; for gRPC it takes any free port.</param>
        /// <param name="logFile">Written anew.</param>
        internal static ServerProcess Start(PythonCommand python, int port, string logFile)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(logFile));
            File.Delete(logFile);
            ProcessStartInfo info = python.StartInfo(
                $"-u -c \"{PrintToFile}\" \"{logFile}\" serve --port 0 --http-port {port}");
            return new ServerProcess(Process.Start(info), logFile);
        }

        /// <summary>The process that had this identity, or null where it has ended.</summary>
        internal static ServerProcess Find(string identity)
        {
            string[] parts = identity.Split(new[] { '|' }, 3);
            int id;
            if (parts.Length < 3 || !int.TryParse(parts[0], out id))
            {
                return null;
            }
            try
            {
                Process process = Process.GetProcessById(id);
                // The number may be another process's by now.
                bool same = !process.HasExited && StartTime(process) == parts[1];
                return same ? new ServerProcess(process, parts[2]) : null;
            }
            catch (Exception error) when (IsGone(error))
            {
                return null;
            }
        }

        /// <summary>Done once it answers.</summary>
        /// <exception cref="InvalidOperationException">It ended, or takes too long; one line says why.</exception>
        internal async Task ReadyAsync(CancellationToken cancellation)
        {
            Stopwatch watch = Stopwatch.StartNew();
            while (!Log().Contains(ReadyWords))
            {
                if (HasExited)
                {
                    throw new InvalidOperationException($"The local server did not start: {LastWords()}");
                }
                if (watch.Elapsed > StartLimit)
                {
                    throw new InvalidOperationException(
                        $"The local server was not ready after {StartLimit.TotalSeconds:0} seconds: {LastWords()}");
                }
                await Task.Delay(PollInterval, cancellation).ConfigureAwait(false);
            }
        }

        /// <summary>Done once it has ended.</summary>
        internal async Task ExitedAsync(CancellationToken cancellation)
        {
            while (!HasExited)
            {
                await Task.Delay(PollInterval, cancellation).ConfigureAwait(false);
            }
        }

        /// <summary>Asks it to end, and returns at once. Calls under way may end first.</summary>
        internal void Terminate()
        {
            if (Path.DirectorySeparatorChar == '\\')
            {
                Kill(); // Windows has no signal for a process without a window; it has nothing to lose
            }
            else if (!HasExited)
            {
                SendSignal(_process.Id, TerminateSignal);
            }
        }

        /// <summary>Asks it to end, and makes it when it does not.</summary>
        internal async Task StopAsync()
        {
            Terminate();
            using (var limit = new CancellationTokenSource(StopLimit))
            {
                try
                {
                    await ExitedAsync(limit.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    Kill();
                }
            }
        }

        /// <summary>The last line that is no record of a call; where it failed, what it said of that.</summary>
        internal string LastWords()
        {
            string last = Log().Split('\n').Select(line => line.Trim())
                .LastOrDefault(line => line.Length > 0 && line[0] != '{' && !line.Contains(ReadyWords));
            const string label = "error: ";
            return last == null ? $"it says nothing; its log is {_logFile}"
                : last.StartsWith(label, StringComparison.Ordinal) ? last.Substring(label.Length) : last;
        }

        private void Kill()
        {
            try
            {
                _process.Kill();
            }
            catch (Exception error) when (IsGone(error))
            {
                // It has ended by itself.
            }
        }

        private string Log()
        {
            try
            {
                using (var file = new FileStream(_logFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
                using (var reader = new StreamReader(file))
                {
                    return reader.ReadToEnd();
                }
            }
            catch (IOException)
            {
                return ""; // not there yet
            }
        }

        private static string StartTime(Process process)
        {
            return process.StartTime.ToUniversalTime().ToString("s", CultureInfo.InvariantCulture);
        }

        private static bool IsGone(Exception error)
        {
            return error is ArgumentException || error is InvalidOperationException
                || error is System.ComponentModel.Win32Exception;
        }

        [DllImport("libc", EntryPoint = "kill")]
        private static extern int SendSignal(int process, int signal);
    }
}
