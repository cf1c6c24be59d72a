using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>Whether this package and a server understand each other, as the protocol defines it.</summary>
    public static class Handshake
    {
        /// <summary>The revision of the protocol that this package was made for.</summary>
        public const uint MadeFor = 2;

        /// <summary>The newest revision whose additions it uses: thumbnails, mixtures, the sun.</summary>
        public const uint Needed = 2;

        /// <summary>Returns when they do.</summary>
        /// <exception cref="SkyServerException">
        /// The server is too old (<see cref="ErrorReason.ServerTooOld"/>) or too new
        /// (<see cref="ErrorReason.ServerTooNew"/>); the message says which of the two to update.
        /// </exception>
        public static void Check(DescribeResponse server)
        {
            if (server.OldestProtocol > MadeFor)
            {
                throw ClientError.TooNew(server.ServerVersion, server.OldestProtocol, MadeFor);
            }
            if (server.Protocol < Needed)
            {
                throw ClientError.TooOld(server.ServerVersion, server.Protocol, Needed);
            }
        }
    }
}
