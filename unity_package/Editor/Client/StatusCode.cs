namespace SkyServer.Editor
{
    /// <summary>The status codes of gRPC, with their numbers on the wire.</summary>
    public enum StatusCode
    {
        /// <summary>Done.</summary>
        Ok = 0,

        /// <summary>The server gave the call up, for instance because it is being stopped.</summary>
        Cancelled = 1,

        /// <summary>Something that has no other status.</summary>
        Unknown = 2,

        /// <summary>A field of the request is outside what is allowed, or an image cannot be read.</summary>
        InvalidArgument = 3,

        /// <summary>The call took longer than it may.</summary>
        DeadlineExceeded = 4,

        /// <summary>The cloud type or the model is unknown.</summary>
        NotFound = 5,

        /// <summary>Not used by SkyServer.</summary>
        AlreadyExists = 6,

        /// <summary>The token does not permit this call.</summary>
        PermissionDenied = 7,

        /// <summary>The server is busy, the caller over its limit, or a message larger than it may be.</summary>
        ResourceExhausted = 8,

        /// <summary>The server lacks something that the call needs, or the versions do not match.</summary>
        FailedPrecondition = 9,

        /// <summary>Not used by SkyServer.</summary>
        Aborted = 10,

        /// <summary>Not used by SkyServer.</summary>
        OutOfRange = 11,

        /// <summary>The server does not know the call.</summary>
        Unimplemented = 12,

        /// <summary>A defect of the server.</summary>
        Internal = 13,

        /// <summary>Nobody answers, or the connection broke.</summary>
        Unavailable = 14,

        /// <summary>What arrived is damaged.</summary>
        DataLoss = 15,

        /// <summary>The token is missing or wrong, or cannot be sent safely.</summary>
        Unauthenticated = 16,
    }
}
