using UnityEditor;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>How it stands with the server, and what can be done about it.</summary>
    public sealed class ServerBar : VisualElement
    {
        private readonly SkyboxSession _session;
        private readonly Label _status = new Label { name = "status" };
        private readonly Button _start, _stop, _connect;

        /// <param name="session">Its link is shown.</param>
        public ServerBar(SkyboxSession session)
        {
            _session = session;
            _status.AddToClassList("sky-status");
            _start = Fields.Button(
                "start-server", "Start server", "Start a server on this machine.", LocalServer.Start);
            _stop = Fields.Button(
                "stop-server", "Stop server", "Stop the server that was started here.", LocalServer.Stop);
            _connect = Fields.Button("connect", "Connect", "Ask the server again.", session.Link.Connect);
            Button settings = Fields.Button(
                "settings", "Settings", "Address, token, Python and default sizes.",
                () => SettingsService.OpenProjectSettings("Project/SkyServer"));
            Add(_status);
            Add(Fields.Row(_start, _stop, _connect, settings));
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            bool connected = _session.Link.State == ServerLinkState.Connected;
            LocalServerState local = LocalServer.State;
            bool ours = local == LocalServerState.Running || local == LocalServerState.Starting;
            Fields.Show(_start, !ours && !connected);
            Fields.Show(_stop, ours);
            Fields.Show(_connect, !connected);
            _connect.SetEnabled(!_session.Job.IsRunning);
            bool localTells = local == LocalServerState.Starting || local == LocalServerState.Failed;
            _status.text = localTells && !connected ? LocalServer.Message : _session.Link.Message;
        }
    }
}
