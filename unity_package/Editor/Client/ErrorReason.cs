namespace SkyServer.Editor
{
    /// <summary>
    /// The errors that this client finds by itself, by <see cref="SkyServerException.Reason"/>. The
    /// server's own reasons stand in <c>errors.proto</c>.
    /// </summary>
    public static class ErrorReason
    {
        /// <summary>Nobody answers at the address.</summary>
        public const string ServerUnreachable = "SERVER_UNREACHABLE";

        /// <summary>No encrypted connection can be made, mostly because of the certificate.</summary>
        public const string ServerUntrusted = "SERVER_UNTRUSTED";

        /// <summary>The connection broke before the answer was whole.</summary>
        public const string ConnectionCut = "CONNECTION_CUT";

        /// <summary>The answer is larger than this client takes.</summary>
        public const string ReplyTooLarge = "REPLY_TOO_LARGE";

        /// <summary>What answers does not speak SkyServer's protocol.</summary>
        public const string NotASkyServer = "NOT_A_SKYSERVER";

        /// <summary>What arrived is not what the server announced.</summary>
        public const string DamagedReply = "DAMAGED_REPLY";

        /// <summary>The server is older than this package needs.</summary>
        public const string ServerTooOld = "SERVER_TOO_OLD";

        /// <summary>The server no longer understands this package.</summary>
        public const string ServerTooNew = "SERVER_TOO_NEW";

        /// <summary>The server asks for a token, or does not know this one. The server uses the same name.</summary>
        public const string Unauthenticated = "UNAUTHENTICATED";

        /// <summary>The token would travel unencrypted to another machine, so it was not sent.</summary>
        public const string TokenNeedsTls = "TOKEN_NEEDS_TLS";

        /// <summary>
        /// The token, or without one this machine, has made as many calls as it may. The server uses the
        /// same name.
        /// </summary>
        public const string OverLimit = "OVER_LIMIT";

        /// <summary>The call took longer than it may. The server uses the same name.</summary>
        public const string DeadlineExceeded = "DEADLINE_EXCEEDED";
    }
}
