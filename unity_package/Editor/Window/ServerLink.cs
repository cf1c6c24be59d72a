using System;
using System.Collections.Generic;
using SkyServer.V1;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>How the window stands with its server.</summary>
    public enum ServerLinkState
    {
        /// <summary>Nobody answers; it is asked again every few seconds.</summary>
        Disconnected,

        /// <summary>The user is waiting for the first answer.</summary>
        Connecting,

        /// <summary>The server has described itself.</summary>
        Connected,

        /// <summary>The server answers but cannot be used: wrong version, token or address.</summary>
        Refused,
    }

    /// <summary>
    /// Knows the server: what it describes of itself and the pictures of its cloud types. Finds it again
    /// when it was restarted. Main thread only.
    /// </summary>
    public sealed class ServerLink : IDisposable
    {
        private const double RetrySeconds = 2;

        private readonly Func<ISkyServer> _connect;
        private readonly ThumbnailCache _cache;
        private ServerCall _describe, _thumbnails;
        private double _retryAt;

        /// <param name="connect">Makes a client with the settings of now.</param>
        /// <param name="cache">The pictures that are kept on disk.</param>
        public ServerLink(Func<ISkyServer> connect, ThumbnailCache cache)
        {
            _connect = connect;
            _cache = cache;
            Message = "";
            Thumbnails = new Dictionary<string, byte[]>();
        }

        /// <summary>Something here has changed.</summary>
        public event Action Changed;

        /// <summary>How it stands.</summary>
        public ServerLinkState State { get; private set; }

        /// <summary>One line on the server, or on why there is none.</summary>
        public string Message { get; private set; }

        /// <summary>The client; null before the first <see cref="Connect"/>.</summary>
        public ISkyServer Server { get; private set; }

        /// <summary>What the server said last, also when it has gone since; null before.</summary>
        public DescribeResponse Description { get; private set; }

        /// <summary>The server's default model; null before it described itself.</summary>
        public Model Model
        {
            get { return Description == null ? null : Description.Models[0]; }
        }

        /// <summary>
        /// Encoded pictures by the code of their cloud type; empty until they are there.
        /// </summary>
        public IDictionary<string, byte[]> Thumbnails { get; private set; }

        /// <summary>Connects with the settings of now.</summary>
        public void Connect()
        {
            State = ServerLinkState.Connecting;
            Message = "Connecting ...";
            Describe();
            Changed?.Invoke();
        }

        /// <summary>Asks the server again what it is, as a model may have come or gone.</summary>
        public void Describe()
        {
            Dispose();
            try
            {
                Server = _connect();
            }
            catch (SkyServerException error)
            {
                Lose(error);
                return;
            }
            ISkyServer server = Server;
            _describe = ServerCall.Start(
                (progress, token) => server.DescribeAsync(token),
                new ServerCall.Listener<DescribeResponse> { Waiting = Tell, Done = Adopt, Failed = Lose });
        }

        /// <summary>Tells that a call found the server gone or unusable.</summary>
        public void Lose(Exception error)
        {
            _describe = null;
            var known = error as SkyServerException;
            bool mayComeBack = known != null && known.Code == StatusCode.Unavailable;
            State = mayComeBack ? ServerLinkState.Disconnected : ServerLinkState.Refused;
            Message = error.Message;
            _retryAt = EditorApplication.timeSinceStartup + RetrySeconds;
            Changed?.Invoke();
        }

        /// <summary>Looks for a lost server from time to time; call it often.</summary>
        public void Tick()
        {
            bool due = EditorApplication.timeSinceStartup >= _retryAt;
            if (State == ServerLinkState.Disconnected && Server != null && _describe == null && due)
            {
                Describe();
            }
        }

        /// <summary>Ends what is under way.</summary>
        public void Dispose()
        {
            _describe?.Cancel();
            _thumbnails?.Cancel();
            _describe = _thumbnails = null;
            Server?.Dispose();
        }

        private void Tell(string message)
        {
            Message = message;
            Changed?.Invoke();
        }

        private void Adopt(DescribeResponse description)
        {
            _describe = null;
            try
            {
                CheckOffer(description);
            }
            catch (SkyServerException error)
            {
                Lose(error);
                return;
            }
            Description = description;
            State = ServerLinkState.Connected;
            Message = $"SkyServer {description.ServerVersion}, model {Model.Name}";
            LoadThumbnails();
            Changed?.Invoke();
        }

        /// <summary>The window offers choices: each must have one.</summary>
        private static void CheckOffer(DescribeResponse description)
        {
            Limits limits = description.Limits;
            bool complete = limits != null && limits.PanoramaWidths.Count > 0 && limits.FaceSizes.Count > 0
                && description.Models.Count > 0 && description.Models[0].Clouds.Count > 0;
            if (!complete)
            {
                throw new SkyServerException(
                    StatusCode.DataLoss,
                    ErrorReason.DamagedReply,
                    "The server offers no model, cloud type or size; check its models and restart it.");
            }
        }

        private void LoadThumbnails()
        {
            ISkyServer server = Server;
            Model model = Model;
            _thumbnails = ServerCall.Start(
                (progress, token) => _cache.LoadAsync(server, model, token),
                new ServerCall.Listener<IDictionary<string, byte[]>>
                {
                    Done = pictures =>
                    {
                        Thumbnails = pictures;
                        Changed?.Invoke();
                    },
                    Failed = error => { }, // the grid shows names alone until the next connection
                });
        }
    }
}
