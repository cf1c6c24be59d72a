using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using SkyServer.Editor.Protobuf;

// Reads (type, bytes) from standard input until it ends, parses each and answers with what it
// writes it as; see protobuf_echo.py.
internal static class ProtobufEcho
{
    private const byte Accepted = 1;
    private const byte Rejected = 2;
    private const byte Crashed = 3;

    private static readonly Dictionary<string, Func<byte[], IMessage>> Parsers =
        new Dictionary<string, Func<byte[], IMessage>>();

    private static void Main()
    {
        var input = new BinaryReader(new BufferedStream(Console.OpenStandardInput(), 1 << 16));
        var output = new BinaryWriter(new BufferedStream(Console.OpenStandardOutput(), 1 << 16));
        int count = input.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            Func<byte[], IMessage> parse = Parser(input.ReadString());
            Answer(parse, input.ReadBytes(input.ReadInt32()), output);
        }
        output.Flush();
    }

    private static void Answer(Func<byte[], IMessage> parse, byte[] data, BinaryWriter output)
    {
        byte outcome = Accepted;
        byte[] answer;
        try
        {
            answer = ProtoWriter.ToByteArray(parse(data));
        }
        catch (InvalidProtobufException exception)
        {
            outcome = Rejected;
            answer = Encoding.UTF8.GetBytes(exception.Message);
        }
        catch (Exception exception)
        {
            outcome = Crashed;
            answer = Encoding.UTF8.GetBytes(exception.ToString());
        }
        output.Write(outcome);
        output.Write(answer.Length);
        output.Write(answer);
    }

    private static Func<byte[], IMessage> Parser(string type)
    {
        Func<byte[], IMessage> parser;
        if (!Parsers.TryGetValue(type, out parser))
        {
            var parse = typeof(ProtobufEcho).Assembly.GetType(type, true).GetMethod("Parse");
            parser = (Func<byte[], IMessage>)Delegate.CreateDelegate(typeof(Func<byte[], IMessage>), parse);
            Parsers.Add(type, parser);
        }
        return parser;
    }
}
