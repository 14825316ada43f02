using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Request = Grpc.Reflection.V1.ServerReflectionRequest;
using Response = Grpc.Reflection.V1.ServerReflectionResponse;

namespace Pmq.Protocol.Services;

/// <summary>Answers questions about the services of a server from their descriptors. Immutable.</summary>
internal sealed class ReflectionCatalog
{
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _filesByName = [];
    private readonly Dictionary<string, FileDescriptor> _filesBySymbol = [];
    private readonly HashSet<string> _messages = [];

    public ReflectionCatalog(IEnumerable<ServiceDescriptor> services)
    {
        foreach (var service in services)
        {
            _services.Add(service.FullName);
            AddFile(service.File);
        }
    }

    /// <summary>The answer to one request; what is not found is an error within it.</summary>
    public Response Answer(Request request)
    {
        var response = new Response { ValidHost = request.Host, OriginalRequest = request };
        var symbol = request.FileContainingSymbol;
        var type = request.AllExtensionNumbersOfType;
        switch (request.MessageRequestCase)
        {
            case Request.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse();
                response.ListServicesResponse.Service.AddRange(
                    _services.Select(name => new ServiceResponse { Name = name }));
                break;
            case Request.MessageRequestOneofCase.FileByFilename:
                AnswerFile(response, _filesByName.GetValueOrDefault(request.FileByFilename), request.FileByFilename);
                break;
            case Request.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFile(response, _filesBySymbol.GetValueOrDefault(symbol), symbol);
                break;
            case Request.MessageRequestOneofCase.AllExtensionNumbersOfType
                when _messages.Contains(type):
                // proto3 messages have no extensions.
                response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = type };
                break;
            case Request.MessageRequestOneofCase.AllExtensionNumbersOfType:
                Refuse(response, StatusCode.NotFound, $"There is no message type '{type}' here.");
                break;
            case Request.MessageRequestOneofCase.FileContainingExtension:
                Refuse(response, StatusCode.NotFound, "There are no extensions here.");
                break;
            default:
                Refuse(response, StatusCode.InvalidArgument, "The request asks for nothing.");
                break;
        }

        return response;
    }

    private static void AnswerFile(Response response, FileDescriptor? file, string asked)
    {
        if (file is null)
        {
            Refuse(response, StatusCode.NotFound, $"There is no '{asked}' here.");
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse();
        AddWithImports(file, response.FileDescriptorResponse.FileDescriptorProto, []);
    }

    private static void AddWithImports(FileDescriptor file, ICollection<ByteString> answer, HashSet<string> seen)
    {
        if (seen.Add(file.Name))
        {
            answer.Add(file.SerializedData);
            foreach (var import in file.Dependencies)
            {
                AddWithImports(import, answer, seen);
            }
        }
    }

    private static void Refuse(Response response, StatusCode code, string text) =>
        response.ErrorResponse = new ErrorResponse { ErrorCode = (int)code, ErrorMessage = text };

    private void AddFile(FileDescriptor file)
    {
        if (!_filesByName.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var service in file.Services)
        {
            _filesBySymbol[service.FullName] = file;
            foreach (var method in service.Methods)
            {
                _filesBySymbol[method.FullName] = file;
            }
        }

        AddEnums(file.EnumTypes, file);
        foreach (var message in file.MessageTypes)
        {
            AddMessage(message);
        }

        foreach (var import in file.Dependencies)
        {
            AddFile(import);
        }
    }

    private void AddMessage(MessageDescriptor message)
    {
        _messages.Add(message.FullName);
        _filesBySymbol[message.FullName] = message.File;
        AddEnums(message.EnumTypes, message.File);
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            _filesBySymbol[field.FullName] = message.File;
        }

        foreach (var nested in message.NestedTypes)
        {
            AddMessage(nested);
        }
    }

    private void AddEnums(IEnumerable<EnumDescriptor> enums, FileDescriptor file)
    {
        foreach (var type in enums)
        {
            _filesBySymbol[type.FullName] = file;
        }
    }
}
