using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;
using Progress = SkyServer.V1.Progress;

namespace SkyServer.Editor
{
    /// <summary>
    /// The one thing at a time that the window has a server do, and what there is to tell of it. Main
    /// thread only.
    /// </summary>
    public sealed class SkyJob
    {
        private ServerCall _call;

        /// <summary>Something here has changed.</summary>
        public event Action Changed;

        /// <summary>It ended in this error; <see cref="Message"/> has its line already.</summary>
        public event Action<Exception> Failed;

        /// <summary>Whether it is under way.</summary>
        public bool IsRunning
        {
            get { return _call != null; }
        }

        /// <summary>What the server is doing, for people; empty when nothing is under way.</summary>
        public string Stage { get; private set; } = "";

        /// <summary>How much is done, 0 to 1.</summary>
        public float Fraction { get; private set; }

        /// <summary>One line on how the last one ended; empty before.</summary>
        public string Message { get; private set; } = "";

        /// <summary>Whether the last one failed.</summary>
        public bool HasFailed { get; private set; }

        /// <summary>Starts a call.</summary>
        /// <param name="call">Makes it; told where to report progress.</param>
        /// <param name="done">Does the rest with its answer and returns the message; what it throws is
        /// told.</param>
        /// <param name="part">Which part of a longer work this call is.</param>
        /// <param name="parts">How many parts there are.</param>
        public void Start<T>(
            Func<Action<Progress>, CancellationToken, Task<T>> call,
            Func<T, string> done,
            int part = 0,
            int parts = 1)
        {
            HasFailed = false;
            Message = "";
            Show("Asking the server", (float)part / parts);
            _call = ServerCall.Start(call, new ServerCall.Listener<T>
            {
                Progressed = progress =>
                    Show(StageName(progress.Stage), (part + (float)progress.Fraction) / parts),
                Waiting = why => Show(why, Fraction),
                Done = answer => Finish(answer, done),
                Failed = Fail,
            });
            Changed?.Invoke();
        }

        /// <summary>Stops it; nothing of it is kept.</summary>
        public void Cancel()
        {
            if (IsRunning)
            {
                _call.Cancel();
                End("Cancelled: nothing was kept.");
            }
        }

        /// <summary>Ends it, or says what went wrong before it began.</summary>
        public void Fail(Exception error)
        {
            HasFailed = true;
            string message = error.Message;
            if (!IsForPeople(error))
            {
                Debug.LogException(error);
                message = $"A defect of the package: {error.Message} (see the Console)";
            }
            End(message);
            Failed?.Invoke(error);
        }

        /// <summary>Leaves a line where the outcome stands.</summary>
        public void Tell(string message)
        {
            HasFailed = false;
            Message = message;
            Changed?.Invoke();
        }

        private void Finish<T>(T answer, Func<T, string> done)
        {
            _call = null;
            try
            {
                string message = done(answer);
                if (!IsRunning) // done may have started the next part
                {
                    End(message);
                }
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        private void End(string message)
        {
            _call = null;
            Message = message;
            Show("", 0);
        }

        private void Show(string stage, float fraction)
        {
            Stage = stage;
            Fraction = fraction;
            Changed?.Invoke();
        }

        /// <summary>The server may name stages that are not known here.</summary>
        private static string StageName(string stage)
        {
            switch (stage)
            {
                case "queue": return "Waiting for its turn";
                case "model": return "Drawing the clouds";
                case "panorama": return "Closing the circle";
                case "upscale": return "Enlarging";
                case "sphere": return "Projecting";
                case "encode": return "Writing the files";
                default: return stage;
            }
        }

        private static bool IsForPeople(Exception error)
        {
            return error is SkyServerException || JsonFile.IsFileError(error) || error is InvalidDataException
                || error is ArgumentException || error is FormatException || error is NotSupportedException
                || error is InvalidOperationException;
        }
    }
}
