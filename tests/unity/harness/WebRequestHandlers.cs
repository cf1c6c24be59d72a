// HttpClient as it is in other builds of Mono: on HttpWebRequest in the place of sockets.
using System.Net.Http;
using System.Reflection;

internal static class WebRequestHandlers
{
    internal static HttpClientHandler New()
    {
        const BindingFlags hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
        System.Type inner = typeof(HttpClient).Assembly.GetType("System.Net.Http.MonoWebRequestHandler");
        object handler = inner.GetConstructor(hidden, null, System.Type.EmptyTypes, null).Invoke(null);
        System.Type[] takes = { inner.GetInterface("IMonoHttpClientHandler") };
        return (HttpClientHandler)typeof(HttpClientHandler).GetConstructor(hidden, null, takes, null)
            .Invoke(new[] { handler });
    }
}
