using System;

namespace SkyServer.Editor.Protobuf
{
    /// <summary>Bytes that are not the protobuf message they should be.</summary>
    public sealed class InvalidProtobufException : Exception
    {
        /// <param name="message">What is wrong and at which byte, in one line.</param>
        public InvalidProtobufException(string message) : base(message)
        {
        }
    }
}
