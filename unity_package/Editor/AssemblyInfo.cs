using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("SkyServer.Editor.Tests")]
