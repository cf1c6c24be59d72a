using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.V1;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// The server on this machine, at the address of the settings. One that was started here lives on
    /// through reloads of the scripts and ends with the editor. Main thread only; nothing blocks.
    /// </summary>
    [InitializeOnLoad]
    public static class LocalServer
    {
        private const string SessionKey = "SkyServer.LocalServer";

        // Guards _process: neither Stop nor the end of the session may miss one that is just starting.
        private static readonly object Gate = new object();

        private static ServerProcess _process;
        private static CancellationTokenSource _work = new CancellationTokenSource();

        static LocalServer()
        {
            Message = "The local server is not running.";
            EditorSession.Ending += Remember;
            EditorApplication.quitting += Quit;
            string identity = SessionState.GetString(SessionKey, "");
            _process = ServerProcess.Find(identity);
            if (_process != null)
            {
                Uri address = SkyServerSettings.Address;
                string token = SkyServerSettings.Token;
                Begin(cancellation => WatchAsync(address, token, cancellation));
            }
            else if (identity.Length > 0)
            {
                Set(LocalServerState.Failed, "The local server ended by itself; start it again.");
            }
        }

        /// <summary><see cref="State"/> or <see cref="Message"/> is another one.</summary>
        public static event Action Changed;

        /// <summary>How it stands.</summary>
        public static LocalServerState State { get; private set; }

        /// <summary>One line that says so, and what to do where something is wrong.</summary>
        public static string Message { get; private set; }

        /// <summary>
        /// Starts a server, unless one already answers. Returns at once; <see cref="State"/> goes to
        /// Starting, and then to Running, External or Failed.
        /// </summary>
        public static void Start()
        {
            if (State == LocalServerState.Starting || State == LocalServerState.Running)
            {
                return;
            }
            Uri address = SkyServerSettings.Address;
            if (!address.IsLoopback || address.Scheme != Uri.UriSchemeHttp)
            {
                Set(LocalServerState.Failed, "A local server needs an address like "
                    + $"{SkyServerSettings.DefaultAddress}; change it in Project Settings > SkyServer.");
                return;
            }
            string token = SkyServerSettings.Token;
            string python = SkyServerSettings.PythonPath;
            string project = Path.GetDirectoryName(Application.dataPath);
            Begin(async cancellation =>
            {
                if (!await AnswersAsync(address, token, cancellation).ConfigureAwait(false))
                {
                    PythonCommand found = await PythonFinder.FindAsync(python, project, cancellation)
                        .ConfigureAwait(false);
                    string log = Path.Combine(project, "Library", "SkyServer", "server.log");
                    Launch(found, address.Port, log, cancellation);
                    await WatchAsync(address, token, cancellation).ConfigureAwait(false);
                }
            });
        }

        /// <summary>Stops the server that was started here, or its start; returns at once.</summary>
        public static void Stop()
        {
            _work.Cancel();
            ServerProcess process = Take();
            if (process != null)
            {
                Task.Run(() => process.StopAsync());
            }
            Set(LocalServerState.Stopped, "The local server is not running.");
        }

        private static void Begin(Func<CancellationToken, Task> work)
        {
            _work = CancellationTokenSource.CreateLinkedTokenSource(EditorSession.Token);
            CancellationToken token = _work.Token;
            Set(LocalServerState.Starting, "The local server is starting.");
            Task.Run(async () =>
            {
                try
                {
                    await work(token).ConfigureAwait(false);
                }
                catch (Exception) when (token.IsCancellationRequested)
                {
                    // Stopped, or carried on by the next session.
                }
                catch (Exception error)
                {
                    Take()?.Terminate();
                    Post(token, LocalServerState.Failed, error.Message);
                }
            });
        }

        /// <summary>Whether a server that is none of ours answers there already.</summary>
        private static async Task<bool> AnswersAsync(Uri address, string token, CancellationToken cancellation)
        {
            try
            {
                using (var client = new SkyServerClient(address, token))
                {
                    DescribeResponse server = await client.DescribeAsync(cancellation).ConfigureAwait(false);
                    Post(cancellation, LocalServerState.External,
                        $"SkyServer {server.ServerVersion} answers at {address.Authority}; it was not started here.");
                    return true;
                }
            }
            catch (SkyServerException error) when (error.Reason == ErrorReason.ServerUnreachable)
            {
                return false;
            }
        }

        private static void Launch(
            PythonCommand python, int port, string logFile, CancellationToken cancellation)
        {
            lock (Gate)
            {
                cancellation.ThrowIfCancellationRequested();
                _process = ServerProcess.Start(python, port, logFile);
            }
        }

        private static async Task WatchAsync(Uri address, string token, CancellationToken cancellation)
        {
            ServerProcess process = _process;
            await process.ReadyAsync(cancellation).ConfigureAwait(false);
            using (var client = new SkyServerClient(address, token))
            {
                await client.DescribeAsync(cancellation).ConfigureAwait(false);
            }
            Post(cancellation, LocalServerState.Running, $"The local server answers at {address.Authority}.");
            await process.ExitedAsync(cancellation).ConfigureAwait(false);
            throw new InvalidOperationException("The local server ended by itself; start it again.");
        }

        private static ServerProcess Take()
        {
            lock (Gate)
            {
                ServerProcess process = _process;
                _process = null;
                return process;
            }
        }

        private static void Remember()
        {
            lock (Gate)
            {
                SessionState.SetString(SessionKey, _process == null ? "" : _process.Identity);
            }
        }

        private static void Quit()
        {
            Take()?.Terminate();
        }

        private static void Post(CancellationToken work, LocalServerState state, string message)
        {
            MainThread.Post(() =>
            {
                if (!work.IsCancellationRequested)
                {
                    Set(state, message);
                }
            });
        }

        private static void Set(LocalServerState state, string message)
        {
            State = state;
            Message = message;
            Changed?.Invoke();
        }
    }
}
