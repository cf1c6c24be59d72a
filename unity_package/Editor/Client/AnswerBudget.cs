namespace SkyServer.Editor
{
    /// <summary>How much of an answer may still come: a server is not trusted to end it.</summary>
    internal sealed class AnswerBudget
    {
        private readonly long _bytes;
        private long _left;

        /// <param name="bytes">What the whole answer may have.</param>
        internal AnswerBudget(long bytes)
        {
            _bytes = bytes;
            _left = bytes;
        }

        /// <summary>Counts bytes before room is made for them.</summary>
        /// <exception cref="SkyServerException">The answer has more than it may have.</exception>
        internal void Spend(long bytes)
        {
            if (bytes > _left)
            {
                throw ClientError.Endless("The answer", _bytes);
            }
            _left -= bytes;
        }
    }
}
