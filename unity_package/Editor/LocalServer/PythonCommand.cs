using System;
using System.ComponentModel;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace SkyServer.Editor
{
    /// <summary>A Python program and what stands before its own arguments, as in <c>py -3</c>.</summary>
    internal sealed class PythonCommand
    {
        // The first start after an installation compiles every module.
        private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(30);

        internal PythonCommand(string program, string arguments = "")
        {
            Program = program;
            Arguments = arguments;
        }

        internal string Program { get; private set; }

        internal string Arguments { get; private set; }

        public override string ToString()
        {
            return Arguments.Length > 0 ? Program + " " + Arguments : Program;
        }

        /// <summary>How to start it without a window.</summary>
        internal ProcessStartInfo StartInfo(string arguments)
        {
            var info = new ProcessStartInfo(Program, (Arguments + " " + arguments).Trim())
            {
                UseShellExecute = false,
                CreateNoWindow = true,
            };
            // Or a folder "skyserver" in the project would be taken for the package.
            info.EnvironmentVariables["PYTHONSAFEPATH"] = "1";
            return info;
        }

        /// <summary>Whether it runs and has skyserver: null, or one line that says what is wrong.</summary>
        /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
        internal async Task<string> ProblemAsync(CancellationToken cancellation)
        {
            ProcessStartInfo info = StartInfo("-m skyserver --version");
            info.RedirectStandardOutput = true;
            info.RedirectStandardError = true;
            using (var process = new Process { StartInfo = info })
            {
                try
                {
                    process.Start();
                }
                catch (Win32Exception)
                {
                    return $"{this} is not a program that can be started";
                }
                return await WaitAsync(process, cancellation).ConfigureAwait(false);
            }
        }

        private async Task<string> WaitAsync(Process process, CancellationToken cancellation)
        {
            using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
            using (limit.Token.Register(() => Kill(process)))
            {
                limit.CancelAfter(CheckLimit);
                Task<string> said = process.StandardOutput.ReadToEndAsync();
                string complaints = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
                string version = await said.ConfigureAwait(false);
                process.WaitForExit();
                cancellation.ThrowIfCancellationRequested();
                if (limit.IsCancellationRequested)
                {
                    return $"{this} did not answer within {CheckLimit.TotalSeconds:0} seconds";
                }
                if (process.ExitCode == 0 && version.StartsWith("skyserver ", StringComparison.Ordinal))
                {
                    return null;
                }
                string last = complaints.Split('\n').Select(line => line.Trim())
                    .LastOrDefault(line => line.Length > 0);
                return $"{this} cannot run skyserver ({last ?? "it says nothing"})";
            }
        }

        private static void Kill(Process process)
        {
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }
}
