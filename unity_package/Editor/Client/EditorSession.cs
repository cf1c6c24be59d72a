using System;
using System.Threading;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// The time from when the editor loads the scripts to when it unloads them, to reload them or to
    /// quit. Whatever works in the background ends with it: a thread or a socket that stayed would hold
    /// the reload up. Entering play mode ends it only where the project reloads the scripts for that.
    /// </summary>
    [InitializeOnLoad]
    public static class EditorSession
    {
        private static readonly CancellationTokenSource Source = new CancellationTokenSource();

        static EditorSession()
        {
            AssemblyReloadEvents.beforeAssemblyReload += End;
            EditorApplication.quitting += End;
        }

        /// <summary>
        /// On the main thread, just before the scripts are unloaded: the last moment to put away what
        /// should outlive them. <see cref="Token"/> is already cancelled.
        /// </summary>
        public static event Action Ending;

        /// <summary>Cancelled at the end of the session. Nobody waits for what it cancels.</summary>
        public static CancellationToken Token
        {
            get { return Source.Token; }
        }

        private static void End()
        {
            if (Source.IsCancellationRequested)
            {
                return;
            }
            Try(Source.Cancel);
            if (Ending != null)
            {
                foreach (Delegate told in Ending.GetInvocationList())
                {
                    Try((Action)told);
                }
            }
        }

        /// <summary>One that does not end well must not keep the others from ending.</summary>
        private static void Try(Action end)
        {
            try
            {
                end();
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
        }
    }
}
