using System;
using System.Threading;
using System.Threading.Tasks;
using Progress = SkyServer.V1.Progress;

namespace SkyServer.Editor
{
    /// <summary>
    /// One call to the server. It runs off the main thread and is made again when the server asks for patience;
    /// its progress and its one end arrive on the main thread. After <see cref="Cancel"/>, or when the
    /// script domain ends, nothing arrives any more, so that what a call would have made cannot appear
    /// behind the user's back.
    /// </summary>
    public sealed class ServerCall
    {
        private const int MaxAttempts = 6;

        private readonly CancellationTokenSource _source =
            CancellationTokenSource.CreateLinkedTokenSource(EditorSession.Token);
        private bool _ended;

        private ServerCall()
        {
        }

        /// <summary>What to tell of a call, on the main thread.</summary>
        public sealed class Listener<T>
        {
            /// <summary>The server began a stage. May be null.</summary>
            public Action<Progress> Progressed;

            /// <summary>
            /// The server will be asked again in a while: one line that says why. May be null.
            /// </summary>
            public Action<string> Waiting;

            /// <summary>The call succeeded.</summary>
            public Action<T> Done;

            /// <summary>The call failed.</summary>
            public Action<Exception> Failed;
        }

        /// <summary>Starts a call and returns at once.</summary>
        /// <param name="call">Makes the call; told where to report progress.</param>
        /// <param name="listener">Told of the call on the main thread.</param>
        public static ServerCall Start<T>(
            Func<Action<Progress>, CancellationToken, Task<T>> call, Listener<T> listener)
        {
            var started = new ServerCall();
            CancellationToken token = started._source.Token;
            Task.Run(() => started.RunAsync(call, listener, token));
            return started;
        }

        /// <summary>Stops the call; the server stops its work. Does nothing when it has ended.</summary>
        public void Cancel()
        {
            if (!_ended)
            {
                _source.Cancel();
            }
        }

        private async Task RunAsync<T>(
            Func<Action<Progress>, CancellationToken, Task<T>> call,
            Listener<T> listener,
            CancellationToken token)
        {
            try
            {
                T result = await AskAsync(call, listener, token).ConfigureAwait(false);
                End(token, () => listener.Done(result));
            }
            catch (Exception error)
            {
                End(token, () => listener.Failed(error));
            }
        }

        private static async Task<T> AskAsync<T>(
            Func<Action<Progress>, CancellationToken, Task<T>> call,
            Listener<T> listener,
            CancellationToken token)
        {
            Action<Progress> progressed =
                progress => Post(token, () => listener.Progressed?.Invoke(progress));
            for (int attempt = 1; ; attempt++)
            {
                SkyServerException refusal;
                try
                {
                    return await call(progressed, token).ConfigureAwait(false);
                }
                catch (SkyServerException error) when (error.RetryDelay.HasValue && attempt < MaxAttempts)
                {
                    refusal = error;
                }
                Post(token, () => listener.Waiting?.Invoke(WhyToWait(refusal)));
                await Task.Delay(refusal.RetryDelay.Value, token).ConfigureAwait(false);
            }
        }

        private static string WhyToWait(SkyServerException refusal)
        {
            string next = $"asking again in {Math.Ceiling(refusal.RetryDelay.Value.TotalSeconds)} s";
            return refusal.Reason == ErrorReason.OverLimit
                ? $"You are over your limit on the server: {next}"
                : $"The server is busy: {next}";
        }

        private void End(CancellationToken token, Action tell)
        {
            MainThread.Post(() =>
            {
                bool wanted = !token.IsCancellationRequested;
                _ended = true;
                _source.Dispose();
                if (wanted)
                {
                    tell();
                }
            });
        }

        /// <summary>Cancel comes on the main thread too, so nothing can pass it.</summary>
        private static void Post(CancellationToken token, Action action)
        {
            MainThread.Post(() =>
            {
                if (!token.IsCancellationRequested)
                {
                    action();
                }
            });
        }
    }
}
