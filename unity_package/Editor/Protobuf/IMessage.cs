namespace SkyServer.Editor.Protobuf
{
    /// <summary>A protobuf message; <c>make protos</c> writes the classes that implement it.</summary>
    public interface IMessage
    {
        /// <summary>Writes every field that is set, in the order of the field numbers.</summary>
        void WriteTo(ProtoWriter output);

        /// <summary>
        /// Reads fields up to the end of the message: a single one replaces what is there, messages
        /// merge, repeated ones append, unknown ones are skipped.
        /// </summary>
        /// <exception cref="InvalidProtobufException">The bytes are not such a message.</exception>
        void MergeFrom(ProtoReader input);
    }
}
