using System;
using System.IO;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>What the window is doing.</summary>
    public enum SkySessionState
    {
        /// <summary>There is no server.</summary>
        Disconnected,

        /// <summary>Waiting for the server's first answer.</summary>
        Connecting,

        /// <summary>A sky can be made.</summary>
        Ready,

        /// <summary>A sky is being made.</summary>
        Generating,

        /// <summary>
        /// The last thing failed; <see cref="SkyJob.Message"/> or <see cref="ServerLink.Message"/> says
        /// why.
        /// </summary>
        Failed,
    }

    /// <summary>
    /// The window without its view: the draft that is edited, the calls that make skies of it, and what
    /// came of them. Main thread only; never waits.
    /// </summary>
    public sealed class SkyboxSession : IDisposable
    {
        private const double SaveAfterSeconds = 1;

        private readonly string _draftPath;
        private Action _whenReady;
        private bool _unsaved;
        private double _saveAt;

        /// <param name="connect">Makes a client with the settings of now.</param>
        /// <param name="folder">Where draft, history and thumbnails are kept, below Library.</param>
        public SkyboxSession(Func<ISkyServer> connect, string folder)
        {
            _draftPath = Path.Combine(folder, "draft.json");
            Link = new ServerLink(connect, new ThumbnailCache(Path.Combine(folder, "thumbnails")));
            History = new SkyHistory(Path.Combine(folder, "history"));
            Draft = ReadDraft();
            Maker = new SkyMaker(Link, Job, Draft, History);
            Picture = History.Entries.Count > 0 ? History.ReadPicture(History.Entries[0]) : null;
            if (Draft.Interrupted)
            {
                Draft.Interrupted = false;
                Save();
                Job.Tell("Unity reloaded or quit while a sky was being made: generate it again.");
            }
            Link.Changed += Continue;
            Job.Changed += Continue;
            Job.Failed += LearnFrom;
            Maker.Made += picture => Picture = picture;
            EditorSession.Ending += Interrupt;
        }

        /// <summary>Something here, in <see cref="Link"/> or in <see cref="Job"/> has changed.</summary>
        public event Action Changed;

        /// <summary>The server.</summary>
        public ServerLink Link { get; }

        /// <summary>What the server is doing for the window, with the outcome of the last.</summary>
        public SkyJob Job { get; } = new SkyJob();

        /// <summary>The skies made so far.</summary>
        public SkyHistory History { get; }

        /// <summary>What is set; change it with <see cref="Edit"/>.</summary>
        public SkyDraft Draft { get; }

        /// <summary>The panorama to show, encoded; null when there is none.</summary>
        public byte[] Picture { get; private set; }

        /// <summary>Makes the skies, once <see cref="CanGenerate"/>.</summary>
        public SkyMaker Maker { get; }

        /// <summary>What the window is doing.</summary>
        public SkySessionState State
        {
            get
            {
                if (Job.IsRunning)
                {
                    return SkySessionState.Generating;
                }
                switch (Link.State)
                {
                    case ServerLinkState.Disconnected: return SkySessionState.Disconnected;
                    case ServerLinkState.Connecting: return SkySessionState.Connecting;
                    case ServerLinkState.Refused: return SkySessionState.Failed;
                    default: return Job.HasFailed ? SkySessionState.Failed : SkySessionState.Ready;
                }
            }
        }

        /// <summary>Whether a sky can be made now.</summary>
        public bool CanGenerate
        {
            get { return !Job.IsRunning && Link.State == ServerLinkState.Connected; }
        }

        /// <summary>Changes the draft, within what the server takes.</summary>
        public void Edit(Action<SkyDraft> change)
        {
            change(Draft);
            FitDraft();
            _unsaved = true;
            _saveAt = EditorApplication.timeSinceStartup + SaveAfterSeconds;
            Changed?.Invoke();
        }

        /// <summary>
        /// Changes the layout; between a panorama and faces, the size becomes the default.
        /// </summary>
        public void SetLayout(SkyboxLayout layout)
        {
            Edit(draft =>
            {
                bool flat = layout == SkyboxLayout.Panoramic;
                if (flat != (draft.Recipe.Layout == SkyboxLayout.Panoramic))
                {
                    draft.Recipe.Size = DefaultSize(layout);
                }
                draft.Recipe.Layout = layout;
            });
        }

        /// <summary>
        /// Does something as soon as the server is there and free; drops it if there is none.
        /// </summary>
        public void WhenReady(Action action)
        {
            _whenReady = action;
            if (!Job.IsRunning && Link.State != ServerLinkState.Connected)
            {
                Link.Connect();
            }
            Continue();
        }

        /// <summary>Makes the sky of the draft, with a new seed unless it is locked.</summary>
        public void Generate()
        {
            RenewSeed();
            Maker.Make();
        }

        /// <summary>
        /// Draws small skies with consecutive seeds; <see cref="Choose"/> makes one in full.
        /// </summary>
        public void GenerateVariations()
        {
            RenewSeed();
            Maker.DrawVariations();
        }

        /// <summary>Makes a variation in full; its seed becomes the draft's.</summary>
        public void Choose(SkyVariation variation)
        {
            Edit(draft => draft.Recipe.Seed = variation.Recipe.Seed);
            Maker.Make(variation.Recipe);
        }

        /// <summary>Sets the draft to what a sky was made from and shows its picture.</summary>
        public void Reuse(SkyHistoryEntry entry)
        {
            Picture = History.ReadPicture(entry);
            Edit(draft =>
            {
                draft.Recipe = entry.Recipe.Clone();
                draft.LockSeed = true;
            });
        }

        /// <summary>Takes a sky out of the history; its assets stay.</summary>
        public void Forget(SkyHistoryEntry entry)
        {
            History.Remove(entry);
            Changed?.Invoke();
        }

        /// <summary>Does what is due; call it often.</summary>
        public void Tick()
        {
            Link.Tick();
            if (_unsaved && EditorApplication.timeSinceStartup >= _saveAt)
            {
                Save();
            }
        }

        /// <summary>Ends what is under way and saves the draft.</summary>
        public void Dispose()
        {
            EditorSession.Ending -= Interrupt;
            _whenReady = null;
            Job.Cancel();
            Link.Dispose();
            Save();
        }

        private void RenewSeed()
        {
            if (!Draft.LockSeed)
            {
                Edit(draft => draft.Recipe.Seed = SkyDraft.RandomSeed());
            }
        }

        private void FitDraft()
        {
            if (Link.Description != null)
            {
                Draft.FitTo(Link.Model, Link.Description.Limits);
            }
        }

        private void Continue()
        {
            bool gone = Link.State == ServerLinkState.Disconnected || Link.State == ServerLinkState.Refused;
            Action next = CanGenerate ? _whenReady : null;
            if (next != null || gone)
            {
                _whenReady = null;
            }
            FitDraft();
            Changed?.Invoke();
            next?.Invoke();
        }

        private void LearnFrom(Exception error)
        {
            var known = error as SkyServerException;
            if (known != null && known.Code == StatusCode.Unavailable)
            {
                Link.Lose(known);
            }
            else if (known != null && known.Code == StatusCode.NotFound)
            {
                Link.Describe(); // another server, or other models, at the same address
            }
        }

        private void Interrupt()
        {
            Draft.Interrupted = Job.IsRunning;
            Save();
        }

        private SkyDraft ReadDraft()
        {
            SkyDraft draft = JsonFile.Read<SkyDraft>(_draftPath);
            if (!File.Exists(_draftPath))
            {
                draft.Recipe.Size = DefaultSize(draft.Recipe.Layout);
            }
            return draft;
        }

        private void Save()
        {
            _unsaved = false;
            JsonFile.Write(_draftPath, Draft);
        }

        private static int DefaultSize(SkyboxLayout layout)
        {
            return layout == SkyboxLayout.Panoramic
                ? SkyServerSettings.DefaultPanoramaWidth
                : SkyServerSettings.DefaultFaceSize;
        }
    }
}
