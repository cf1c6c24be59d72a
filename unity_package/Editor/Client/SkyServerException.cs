using System;

namespace SkyServer.Editor
{
    /// <summary>
    /// A call that failed. <see cref="Exception.Message"/> is one line for people: what happened and
    /// what to do. A call that its own caller cancelled ends in
    /// <see cref="OperationCanceledException"/> instead.
    /// </summary>
    public sealed class SkyServerException : Exception
    {
        internal SkyServerException(
            StatusCode code,
            string reason,
            string message,
            string field = "",
            TimeSpan? retryDelay = null,
            Exception cause = null)
            : base(message, cause)
        {
            Code = code;
            Reason = reason;
            Field = field;
            RetryDelay = retryDelay;
        }

        /// <summary>The gRPC status that the call ended with, never <see cref="StatusCode.Ok"/>.</summary>
        public StatusCode Code { get; private set; }

        /// <summary>
        /// What exactly went wrong: one of <see cref="ErrorReason"/>, or what the server names
        /// (<c>errors.proto</c>); empty where neither knows.
        /// </summary>
        public string Reason { get; private set; }

        /// <summary>The field of the request at fault, as in <c>outputs[0].size</c>; else empty.</summary>
        public string Field { get; private set; }

        /// <summary>Of a busy server, or a caller over its limit: when to ask again.</summary>
        public TimeSpan? RetryDelay { get; private set; }
    }
}
