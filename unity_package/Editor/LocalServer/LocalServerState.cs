namespace SkyServer.Editor
{
    /// <summary>How it stands with the server on this machine.</summary>
    public enum LocalServerState
    {
        /// <summary>None was started, or it was stopped.</summary>
        Stopped,

        /// <summary>It is being started.</summary>
        Starting,

        /// <summary>One that this editor started answers.</summary>
        Running,

        /// <summary>It could not be started, or it ended by itself.</summary>
        Failed,

        /// <summary>One that somebody else started answers; it is left alone.</summary>
        External,
    }
}
