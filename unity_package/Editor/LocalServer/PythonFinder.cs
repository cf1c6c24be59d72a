using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace SkyServer.Editor
{
    /// <summary>Looks for a Python that has skyserver.</summary>
    internal static class PythonFinder
    {
        private static readonly bool OnWindows = Path.DirectorySeparatorChar == '\\';

        /// <summary>
        /// The Python of the settings where it is set, and else the first that works of: virtual
        /// environments in the project, the one that is activated, those of pipx and uv, then what the
        /// system offers.
        /// </summary>
        /// <param name="chosen">The path or name from the settings, or empty.</param>
        /// <param name="project">The project's folder.</param>
        /// <param name="cancellation">Ends the search.</param>
        /// <exception cref="FileNotFoundException">None works; the message says what to do.</exception>
        internal static async Task<PythonCommand> FindAsync(
            string chosen, string project, CancellationToken cancellation)
        {
            if (chosen.Length > 0)
            {
                var python = new PythonCommand(chosen);
                string problem = await python.ProblemAsync(cancellation).ConfigureAwait(false);
                if (problem != null)
                {
                    throw new FileNotFoundException(
                        $"{problem}; install skyserver there, or choose "
                            + "another Python in Project Settings > SkyServer.");
                }
                return python;
            }
            foreach (PythonCommand candidate in Candidates(project))
            {
                if (await candidate.ProblemAsync(cancellation).ConfigureAwait(false) == null)
                {
                    return candidate;
                }
            }
            throw new FileNotFoundException(
                "No Python with skyserver was found; install it (see the package's README), or "
                    + "choose the Python that has it in Project Settings > SkyServer.");
        }

        /// <summary>Where to look, in this order. Files are there; commands may not be.</summary>
        internal static IEnumerable<PythonCommand> Candidates(string project)
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string roaming = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
            string[] environments =
            {
                Path.Combine(project, ".venv"),
                Path.Combine(project, "venv"),
                Environment.GetEnvironmentVariable("VIRTUAL_ENV") ?? "",
                Environment.GetEnvironmentVariable("CONDA_PREFIX") ?? "",
                Path.Combine(home, "pipx", "venvs", "skyserver"), // Windows
                Path.Combine(home, ".local", "pipx", "venvs", "skyserver"), // macOS
                Path.Combine(home, ".local", "share", "pipx", "venvs", "skyserver"), // Linux
                Path.Combine(roaming, "uv", "data", "tools", "skyserver"), // Windows
                Path.Combine(home, ".local", "share", "uv", "tools", "skyserver"),
            };
            IEnumerable<PythonCommand> files = environments
                .Where(folder => folder.Length > 0)
                .Select(PythonIn)
                .Concat(SystemFiles())
                .Where(File.Exists)
                .Select(file => new PythonCommand(file));
            IEnumerable<PythonCommand> commands = OnWindows
                ? new[] { new PythonCommand("py", "-3"), new PythonCommand("python") }
                : new[] { new PythonCommand("python3"), new PythonCommand("python") };
            return files.Concat(commands);
        }

        private static string PythonIn(string environment)
        {
            // A conda environment on Windows has it at its top.
            string[] places = OnWindows
                ? new[] { Path.Combine("Scripts", "python.exe"), "python.exe" }
                : new[] { Path.Combine("bin", "python") };
            return places.Select(place => Path.Combine(environment, place))
                .FirstOrDefault(File.Exists) ?? "";
        }

        /// <summary>An editor that is started from the desktop of macOS does not have these in PATH.</summary>
        private static IEnumerable<string> SystemFiles()
        {
            return OnWindows
                ? Enumerable.Empty<string>()
                : new[] { "/opt/homebrew/bin/python3", "/usr/local/bin/python3" };
        }
    }
}
