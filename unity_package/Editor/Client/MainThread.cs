using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Tasks;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>
    /// Brings work from any thread to the editor's main thread, a few milliseconds of it per frame, so
    /// that the editor never stutters. What has not run when the script domain ends never runs.
    /// </summary>
    [InitializeOnLoad]
    public static class MainThread
    {
        private const double BudgetMilliseconds = 5;

        private static readonly ConcurrentQueue<Action> Waiting = new ConcurrentQueue<Action>();

        static MainThread()
        {
            EditorApplication.update += RunWaiting;
        }

        /// <summary>Runs an action in one of the next frames; actions keep their order.</summary>
        public static void Post(Action action)
        {
            Waiting.Enqueue(action);
        }

        /// <summary>Runs an action in one of the next frames.</summary>
        /// <returns>Done when the action is, with its exception if it threw one.</returns>
        public static Task RunAsync(Action action)
        {
            return RunAsync(() =>
            {
                action();
                return true;
            });
        }

        /// <summary>Runs a function in one of the next frames.</summary>
        /// <returns>Its value, or its exception. What awaits it does not run on the main thread.</returns>
        public static Task<T> RunAsync<T>(Func<T> function)
        {
            var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(() =>
            {
                try
                {
                    done.SetResult(function());
                }
                catch (Exception error)
                {
                    done.SetException(error);
                }
            });
            return done.Task;
        }

        internal static void RunWaiting()
        {
            Stopwatch watch = Stopwatch.StartNew();
            Action action;
            while (watch.Elapsed.TotalMilliseconds < BudgetMilliseconds && Waiting.TryDequeue(out action))
            {
                try
                {
                    action();
                }
                catch (Exception error)
                {
                    UnityEngine.Debug.LogException(error);
                }
            }
        }
    }
}
